package io.outboxrelay.settings;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What surrounds the process: it fills the places in the file's values and overrides settings.
 *
 * @param variables the environment variables
 * @param properties the system properties
 */
public record Environment(Map<String, String> variables, Map<String, String> properties) {
  /** No variables and no properties. */
  public static final Environment NONE = new Environment(Map.of(), Map.of());

  private static final String VARIABLE = "OUTBOX_RELAY_";
  private static final String PROPERTY = "outbox-relay.";

  public Environment {
    variables = Map.copyOf(variables);
    properties = Map.copyOf(properties);
  }

  /** The variable that overrides the setting at {@code path}. */
  static String variable(String path) {
    return VARIABLE + path.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  /** The property that overrides the setting at {@code path}. */
  static String property(String path) {
    return PROPERTY + path;
  }

  /**
   * All variables and properties that set something of ours, as they would be named in an error.
   */
  Stream<String> overrides() {
    return Stream.concat(
            variables.keySet().stream().filter(name -> name.startsWith(VARIABLE)),
            properties.keySet().stream().filter(name -> name.startsWith(PROPERTY)))
        .sorted();
  }

  /** Whether it sets anything of ours, so that there may be no need of a file. */
  public boolean isSettingAnything() {
    return overrides().findAny().isPresent();
  }

  /** The paths below {@code prefix} that are overridden; a variable's in lower case. */
  Stream<String> pathsBelow(String prefix) {
    String variable = variable(prefix);
    String property = property(prefix);
    return Stream.concat(
        properties.keySet().stream()
            .filter(name -> name.startsWith(property))
            .map(name -> name.substring(PROPERTY.length())),
        variables.keySet().stream()
            .filter(name -> name.startsWith(variable))
            .map(name -> prefix + name.substring(variable.length()).toLowerCase(Locale.ROOT)));
  }

  /** What a place in the file, such as {@code ${RELAY_DB_PASSWORD}}, is filled with. */
  Optional<String> placeholder(String name) {
    return Optional.ofNullable(variables.get(name))
        .or(() -> Optional.ofNullable(properties.get(name)));
  }

  /** What overrides the setting at {@code path}; a property wins over a variable. */
  Optional<RawValue> override(String path) {
    String property = property(path);
    String variable = variable(path);
    return Optional.ofNullable(properties.get(property))
        .map(text -> new RawValue(text, RawValue.quoted(text) + " (-D" + property + ")"))
        .or(
            () ->
                Optional.ofNullable(variables.get(variable))
                    .map(
                        text -> new RawValue(text, RawValue.quoted(text) + " (" + variable + ")")));
  }
}

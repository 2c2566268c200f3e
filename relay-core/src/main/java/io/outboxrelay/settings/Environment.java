package io.outboxrelay.settings;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The environment variables and system properties of the process. They fill the placeholders in the
 * configuration file and override its settings.
 *
 * @param variables the environment variables
 * @param properties the system properties
 */
public record Environment(Map<String, String> variables, Map<String, String> properties) {
  /** An environment without variables and properties. */
  public static final Environment NONE = new Environment(Map.of(), Map.of());

  private static final String VARIABLE = "OUTBOX_RELAY_";
  private static final String PROPERTY = "outbox-relay.";

  public Environment {
    variables = Map.copyOf(variables);
    properties = Map.copyOf(properties);
  }

  /** Returns the name of the environment variable that overrides the setting at {@code path}. */
  static String variable(String path) {
    return VARIABLE + path.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  /** Returns the name of the system property that overrides the setting at {@code path}. */
  static String property(String path) {
    return PROPERTY + path;
  }

  /** Returns the names of all variables and properties that override settings. */
  Stream<String> overrides() {
    return Stream.concat(
            variables.keySet().stream().filter(name -> name.startsWith(VARIABLE)),
            properties.keySet().stream().filter(name -> name.startsWith(PROPERTY)))
        .sorted();
  }

  /**
   * Returns true if a variable or a property sets a setting, so the relay may start without a file.
   */
  public boolean isSettingAnything() {
    return overrides().findAny().isPresent();
  }

  /**
   * Returns the paths below {@code prefix} that a variable or a property overrides. A path from a
   * variable is in lower case.
   */
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

  /**
   * Returns the value for a placeholder in the file, such as {@code ${RELAY_DB_PASSWORD}}; empty if
   * there is none.
   */
  Optional<String> placeholder(String name) {
    return Optional.ofNullable(variables.get(name))
        .or(() -> Optional.ofNullable(properties.get(name)));
  }

  /**
   * Returns the value that overrides the setting at {@code path}; a property wins over a variable.
   */
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

package io.outboxrelay.admin;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.SecretFileException;
import io.outboxrelay.settings.Settings;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The tokens of the API's callers, by the caller's name in the audit log: the settings {@code
 * admin.token}, {@code admin.tokens} and {@code admin.read-only-tokens}.
 *
 * @param byName the token of each caller
 * @param readers the names of the callers that may only read
 */
record AdminTokensConfig(Map<String, Secret> byName, Set<String> readers) {
  /** The name, in the audit log, of a caller with the token of {@code admin.token}. */
  static final String UNNAMED = "token";

  private static final String OPERATORS = "tokens";
  private static final String READERS = "read-only-tokens";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}");

  /** The fewest characters that a token may have; a shorter token can be guessed. */
  private static final int SHORTEST = 16;

  AdminTokensConfig {
    byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    readers = Set.copyOf(readers);
  }

  /** Reads the settings of the section {@code admin}; mistakes are noted in {@code in}. */
  static AdminTokensConfig from(Settings in) {
    var keys = new LinkedHashMap<String, String>();
    var byName = new LinkedHashMap<String, Secret>();
    in.secret("token").ifPresent(token -> add(in, "token", UNNAMED, token, byName, keys));
    var readers = new HashSet<String>();
    for (String section : List.of(OPERATORS, READERS)) {
      in.section(section)
          .secrets()
          .forEach(
              (name, token) -> {
                String key = section + "." + name;
                verify(in, key, name, keys);
                add(in, key, name, token, byName, keys);
                if (section.equals(READERS)) {
                  readers.add(name);
                }
              });
    }
    return new AdminTokensConfig(byName, readers);
  }

  private static void verify(Settings in, String key, String name, Map<String, String> keys) {
    in.require(
        NAME.matcher(name).matches(),
        key,
        "has an invalid name; use letters, digits, dots, hyphens, underscores and @");
    in.require(
        !name.equals(UNNAMED),
        key,
        "has the name under which the audit log records callers with admin.token; choose another");
    in.require(
        !keys.containsKey(name),
        key,
        "has the name of admin."
            + keys.get(name)
            + ", so the audit log could not tell the two apart");
  }

  private static void add(
      Settings in,
      String key,
      String name,
      Secret token,
      Map<String, Secret> byName,
      Map<String, String> keys) {
    var value = readable(token);
    if (value.isEmpty()) {
      return;
    }
    in.require(
        value.get().length() >= SHORTEST,
        key,
        "must be at least "
            + SHORTEST
            + " characters long, because a shorter token can be guessed");
    byName.forEach(
        (other, taken) ->
            in.require(
                !readable(taken).equals(value),
                key,
                "is the same as admin."
                    + keys.get(other)
                    + ", so the audit log could not name the caller; create another token"));
    byName.putIfAbsent(name, token);
    keys.putIfAbsent(name, key);
  }

  /** Returns the role of the caller with this name. */
  Role role(String name) {
    return readers.contains(name) ? Role.READ_ONLY : Role.OPERATOR;
  }

  /**
   * Returns the value of a token; empty if its file cannot be read. The settings have then already
   * reported that.
   */
  private static Optional<String> readable(Secret token) {
    try {
      return Optional.of(token.value());
    } catch (SecretFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns true if at least one token is in a file, so that the token can change while the relay
   * runs.
   */
  boolean areInFiles() {
    return byName.values().stream().anyMatch(Secret::isInFile);
  }

  /**
   * Returns the present value of a token; empty if its file cannot be read, or if the file contains
   * a token that is too short.
   */
  static Optional<String> usable(Secret token) {
    return readable(token).filter(value -> value.length() >= SHORTEST);
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }
}

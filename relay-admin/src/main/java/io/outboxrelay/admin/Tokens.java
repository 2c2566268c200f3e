package io.outboxrelay.admin;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.Settings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What callers of the API must know, by the name that the audit gives them: the settings {@code
 * admin.token} and {@code admin.tokens}.
 */
record Tokens(Map<String, Secret> byName) {
  /** The name of whoever has {@code admin.token}. */
  static final String UNNAMED = "token";

  private static final String SECTION = "tokens";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}");

  /** Shorter ones can be guessed. */
  private static final int SHORTEST = 16;

  Tokens {
    byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
  }

  /** Reads the settings of the section {@code admin}. */
  static Tokens from(Settings in) {
    var byName = new LinkedHashMap<String, Secret>();
    in.secret("token").ifPresent(token -> add(in, "token", UNNAMED, token, byName));
    in.section(SECTION)
        .secrets()
        .forEach(
            (name, token) -> {
              String key = SECTION + "." + name;
              in.require(
                  NAME.matcher(name).matches(),
                  key,
                  "is for nobody: a name is of letters, digits, dots, hyphens, underscores and @");
              in.require(
                  !name.equals(UNNAMED),
                  key,
                  "has the name that the audit gives whoever knows admin.token; choose another");
              add(in, key, name, token, byName);
            });
    return new Tokens(byName);
  }

  private static void add(
      Settings in, String key, String name, Secret token, Map<String, Secret> byName) {
    in.require(
        token.value().length() >= SHORTEST,
        key,
        "must be at least " + SHORTEST + " characters long, or it can be guessed");
    byName.forEach(
        (other, taken) ->
            in.require(
                !taken.equals(token),
                key,
                "is the same as "
                    + written(other)
                    + ", so the audit could not tell who it was; make another"));
    byName.putIfAbsent(name, token);
  }

  private static String written(String name) {
    return name.equals(UNNAMED) ? "admin.token" : "admin." + SECTION + "." + name;
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }
}

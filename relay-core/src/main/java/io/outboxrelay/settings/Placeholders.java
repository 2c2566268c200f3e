package io.outboxrelay.settings;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills the placeholders for environment variables in a value. A placeholder is {@code
 * ${RELAY_DB_PASSWORD}}, or {@code ${RELAY_DB_PORT:-5432}} with a default that is used if the
 * variable is not set or is empty.
 *
 * <p>The name of a variable consists of upper case letters, digits and underscores. A placeholder
 * in lower case, such as {@code ${aggregate_type}}, stands for an event's column and is not changed
 * here.
 */
final class Placeholders {
  /** The beginning of a placeholder. */
  static final String OPEN = "${";

  private static final Pattern PLACE =
      Pattern.compile("\\$\\{(?<name>[A-Z][A-Z0-9_]*)(?::-(?<orElse>[^}]*))?}");

  private Placeholders() {}

  /**
   * Returns the value with its placeholders filled. If the value is one placeholder and nothing
   * else, errors show the text that fills it, because a mistake is then in that text. Otherwise
   * errors show the value as it was written.
   *
   * @throws IllegalArgumentException with a phrase for the user if a variable is not set
   */
  static RawValue filled(RawValue value, Environment environment) {
    Matcher places = PLACE.matcher(value.text());
    if (!places.find()) {
      return value;
    }
    String text = places.replaceAll(place -> Matcher.quoteReplacement(filling(place, environment)));
    boolean isOnePlace = PLACE.matcher(value.text()).matches();
    return new RawValue(
        text, isOnePlace ? RawValue.quoted(text) + " (" + value.text() + ")" : value.shown());
  }

  /**
   * Returns {@code text} unchanged. Throws {@link IllegalArgumentException} if a placeholder in it
   * was not filled, because the placeholder itself would become part of the value.
   */
  static String understood(String text) {
    int open = text.indexOf(OPEN);
    if (open < 0) {
      return text;
    }
    int close = text.indexOf('}', open);
    String place = close < 0 ? OPEN : text.substring(open, close + 1);
    throw new IllegalArgumentException(
        place.startsWith("${file:")
            ? "names a file with ${file:...}, which is read in the settings of secrets only; write a"
                + " password in a setting of its own"
            : "has "
                + place
                + ", which is not understood here; write ${NAME} in capitals for an environment"
                + " variable, in the configuration file only");
  }

  private static String filling(MatchResult place, Environment environment) {
    String name = place.group(1);
    String orElse = place.group(2);
    var given = environment.placeholder(name);
    if (orElse != null) {
      return given.filter(text -> !text.isEmpty()).orElse(orElse);
    }
    return given.orElseThrow(
        () ->
            new IllegalArgumentException(
                "names the environment variable "
                    + name
                    + ", which is not set; export it, or write ${"
                    + name
                    + ":-default}"));
  }
}

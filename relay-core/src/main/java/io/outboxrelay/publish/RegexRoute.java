package io.outboxrelay.publish;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Rewrites the name of a destination: if a regular expression matches the whole name, the new name
 * is the replacement, in which references to groups are replaced by the matched text. Otherwise the
 * name does not change.
 *
 * <p>These are the rules of Kafka Connect's {@code RegexRouter}, and of {@code route.topic.regex}
 * and {@code route.topic.replacement} of Debezium's outbox event router.
 */
public final class RegexRoute {
  private final Pattern regex;
  private final String replacement;

  private RegexRoute(Pattern regex, String replacement) {
    this.regex = regex;
    this.replacement = replacement;
  }

  /**
   * Compiles a regular expression.
   *
   * @throws IllegalArgumentException if {@code text} is not a regular expression; the message is a
   *     phrase for the user
   */
  public static Pattern regex(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "is not a regular expression: " + e.getDescription() + " at character " + e.getIndex(),
          e);
    }
  }

  /**
   * Returns a route.
   *
   * @throws IllegalArgumentException if the replacement has a mistake or names a group that the
   *     regular expression does not have; the message is a phrase for the user
   */
  public static RegexRoute of(Pattern regex, String replacement) {
    // The empty alternative always matches, so replaceFirst parses the replacement.
    var always = Pattern.compile("(?:" + regex.pattern() + ")|", regex.flags()).matcher("");
    try {
      always.replaceFirst(replacement);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "does not fit the regular expression %s: %s; a group is written ${name} or $1"
              .formatted(regex.pattern(), lowerCase(String.valueOf(e.getMessage()))),
          e);
    }
    return new RegexRoute(regex, replacement);
  }

  private static String lowerCase(String message) {
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }

  /** Returns the new name of a destination. */
  public String of(String name) {
    var matcher = regex.matcher(name);
    return matcher.matches() ? matcher.replaceFirst(replacement) : name;
  }

  /** Returns the route in the words of the configuration. */
  @Override
  public String toString() {
    return regex.pattern() + " -> " + replacement;
  }
}

package io.outboxrelay.publish;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Matches destinations: an asterisk stands for any text, and every other character stands for
 * itself.
 *
 * @param text the pattern as it was configured
 */
public record DestinationPattern(String text, Pattern pattern) {

  public static DestinationPattern of(String text) {
    return new DestinationPattern(
        text,
        Pattern.compile(
            Stream.of(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
            Pattern.DOTALL));
  }

  public boolean fits(String destination) {
    return pattern.matcher(destination).matches();
  }

  /** Returns the pattern for SQL's {@code like}. */
  public String like() {
    return like(text);
  }

  /** Returns the pattern {@code text} for SQL's {@code like}. */
  public static String like(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace('*', '%');
  }
}

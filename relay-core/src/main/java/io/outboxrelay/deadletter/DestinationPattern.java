package io.outboxrelay.deadletter;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which destinations are meant: an asterisk stands for anything, all else for itself.
 *
 * @param text as it was written
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

  /** The same for SQL's {@code like}. */
  public String like() {
    return like(text);
  }

  static String like(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace('*', '%');
  }
}

package io.outboxrelay.replay;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/** Parses the times that operators write: ISO 8601, or an age such as {@code 2h}. */
public final class TimeParser {
  private static final Pattern AGO = Pattern.compile("(\\d{1,6})\\s*(s|m|h|d)(\\s+ago)?");
  private static final String EXPECTED =
      "write 2026-03-01T12:30:00Z, 2026-03-01T12:30+01:00, 2026-03-01 for its first moment (UTC), or"
          + " 90s, 30m, 2h, 7d for so long ago";

  private TimeParser() {}

  /**
   * Returns the time that {@code text} means.
   *
   * @throws IllegalArgumentException with a sentence for the operator if {@code text} is not a time
   */
  public static OffsetDateTime parse(String text, OffsetDateTime now) {
    var ago = AGO.matcher(text);
    if (ago.matches()) {
      return now.minus(duration(Long.parseLong(ago.group(1)), ago.group(2)));
    }
    try {
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC)
          : OffsetDateTime.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' "
              + (lacksZone(text) ? "does not say its zone" : "is no time")
              + "; "
              + EXPECTED,
          e);
    }
  }

  private static boolean lacksZone(String text) {
    try {
      LocalDateTime.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static Duration duration(long amount, String unit) {
    return switch (unit) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}

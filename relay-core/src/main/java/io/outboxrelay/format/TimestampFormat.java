package io.outboxrelay.format;

import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

/** Formats points in time as ISO 8601 in UTC, without the fraction of the second. */
public final class TimestampFormat {
  private TimestampFormat() {}

  /** Returns a time such as {@code 2026-03-01T12:30:00Z}. */
  public static String of(OffsetDateTime time) {
    return time.toInstant().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}

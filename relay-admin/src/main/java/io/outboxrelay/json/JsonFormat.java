package io.outboxrelay.json;

import java.time.Duration;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Formats single values for JSON. */
final class JsonFormat {
  private JsonFormat() {}

  /** Returns the time in ISO 8601 and UTC; null for null. */
  static @Nullable String time(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant().toString();
  }

  static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /** Returns null for an empty text, because a missing value is null in JSON. */
  static @Nullable String text(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}

package io.outboxrelay.json;

import java.time.Duration;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** How values are written. */
final class JsonFormat {
  private JsonFormat() {}

  /** ISO 8601, UTC. */
  static @Nullable String time(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant().toString();
  }

  static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /** What is not there is null, not empty. */
  static @Nullable String text(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}

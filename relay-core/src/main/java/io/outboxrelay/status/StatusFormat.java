package io.outboxrelay.status;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats numbers and times for sentences. */
final class StatusFormat {
  private StatusFormat() {}

  /** Returns a rounded time, such as {@code 0.3 s}, {@code 42 s} or {@code 3 h}. */
  static String time(Duration duration) {
    double seconds = duration.toMillis() / 1000.0;
    if (seconds < 9.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    if (seconds < 120) {
      return Math.round(seconds) + " s";
    }
    if (seconds < 7200) {
      return Math.round(seconds / 60) + " min";
    }
    return seconds < 172_800
        ? Math.round(seconds / 3600) + " h"
        : Math.round(seconds / 86_400) + " days";
  }

  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String events(long count, boolean isMore) {
    return (isMore ? "about " : "") + number(count) + (count == 1 ? " event" : " events");
  }

  /** Returns words such as {@code shard 2} or {@code shards 0, 3}. */
  static String shards(List<ShardObservation> some) {
    return (some.size() == 1 ? "shard " : "shards ")
        + some.stream()
            .map(shard -> Integer.toString(shard.shard()))
            .collect(Collectors.joining(", "));
  }
}

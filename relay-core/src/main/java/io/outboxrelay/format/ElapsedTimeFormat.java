package io.outboxrelay.format;

import java.time.Duration;
import java.util.Locale;

/** Formats elapsed times in seconds, minutes, hours or days, rounded to few digits. */
public final class ElapsedTimeFormat {
  private ElapsedTimeFormat() {}

  /** Returns a rounded time, such as {@code 0.3 s}, {@code 42 s}, {@code 3 h} or {@code 5 days}. */
  public static String of(Duration duration) {
    double seconds = duration.toMillis() / 1000.0;
    double size = Math.abs(seconds);
    if (size < 9.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    if (size < 120) {
      return Math.round(seconds) + " s";
    }
    if (size < 7200) {
      return Math.round(seconds / 60) + " min";
    }
    return size < 172_800
        ? Math.round(seconds / 3600) + " h"
        : Math.round(seconds / 86_400) + " days";
  }
}

package io.outboxrelay.format;

import java.util.Locale;

/** Formats numbers of bytes, in bytes up to 1023 and in binary units with one decimal above. */
public final class ByteSizeFormat {
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  /**
   * From this amount of a unit on, one decimal would be rounded to 1024.0, so the amount is written
   * as 1.0 of the next unit.
   */
  private static final double NEXT_UNIT = 1023.95;

  private ByteSizeFormat() {}

  /** Returns a size such as {@code 812 B}, {@code 1.5 KiB} or {@code 2.0 GiB}. */
  public static String of(long bytes) {
    if (bytes > -1024 && bytes < 1024) {
      return bytes + " B";
    }
    double amount = bytes / 1024.0;
    int unit = 0;
    while (Math.abs(amount) >= NEXT_UNIT && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
  }
}

package io.outboxrelay.k6;

import java.util.Locale;

/** Formats texts of which the numbers have the same points on every machine. */
final class FixedLocale {
  private FixedLocale() {}

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

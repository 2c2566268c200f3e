package io.outboxrelay.k6;

import java.util.Locale;

/** Formats numbers in texts with the same decimal point on every machine. */
final class FixedLocale {
  private FixedLocale() {}

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

package io.outboxrelay.format;

import java.util.Locale;

/** Formats counts, with a comma between groups of three digits. */
public final class CountFormat {
  private CountFormat() {}

  /** Returns a number such as {@code 12,000}. */
  public static String of(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** Returns words such as {@code 1 event} or {@code 12,000 events}; the plural adds an s. */
  public static String of(long count, String noun) {
    return of(count, noun, noun + "s");
  }

  /**
   * Returns words such as {@code 1 event waits} or {@code 12,000 events wait}.
   *
   * @param one the words for a count of 1
   * @param many the words for any other count, 0 included
   */
  public static String of(long count, String one, String many) {
    return of(count) + " " + (count == 1 ? one : many);
  }
}

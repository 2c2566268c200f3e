package io.outboxrelay.wal;

/** Positions in the log (LSN), which PostgreSQL writes as two hexadecimal halves. */
public final class LogPosition {
  private LogPosition() {}

  /** Parses PostgreSQL's text form, such as {@code 16/B374D848}. */
  static long parse(String text) {
    int slash = text.indexOf('/');
    return Long.parseLong(text.substring(0, slash), 16) << 32
        | Long.parseLong(text.substring(slash + 1), 16);
  }

  /** Returns PostgreSQL's text form. */
  static String format(long position) {
    return Long.toHexString(position >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(position & 0xffff_ffffL).toUpperCase(java.util.Locale.ROOT);
  }
}

package io.outboxrelay.window;

import java.util.Arrays;

/**
 * Tells which transactions a snapshot sees. It is PostgreSQL's {@code pg_snapshot}, compared by
 * numbers only, so it stays usable after its transactions have ended.
 */
final class Snapshot {
  /** A snapshot that sees no transaction; the first window begins there. */
  static final Snapshot NOTHING = parse("1:1:");

  private final String text;
  private final long xmin;
  private final long xmax;
  private final long[] running;

  private Snapshot(String text, long xmin, long xmax, long[] running) {
    this.text = text;
    this.xmin = xmin;
    this.xmax = xmax;
    this.running = running;
  }

  /** Parses PostgreSQL's text form {@code xmin:xmax:id,id,…}. */
  static Snapshot parse(String text) {
    int first = text.indexOf(':');
    int second = text.indexOf(':', first + 1);
    String list = text.substring(second + 1);
    long[] running =
        list.isEmpty()
            ? new long[0]
            : Arrays.stream(list.split(",")).mapToLong(Long::parseLong).toArray();
    return new Snapshot(
        text,
        Long.parseLong(text.substring(0, first)),
        Long.parseLong(text.substring(first + 1, second)),
        running);
  }

  /** Returns the lowest id that was still running; all transactions below it had ended. */
  long xmin() {
    return xmin;
  }

  /**
   * Returns the lowest id that is above all seen ones. The server's next id can be higher, because
   * transactions with ids from here on may already be running.
   */
  long xmax() {
    return xmax;
  }

  /** Returns the ids below {@link #xmax} that were running, in ascending order. */
  long[] running() {
    return running;
  }

  /** Returns true if the oldest running transaction is also the oldest one of {@code before}. */
  boolean isHeldLike(Snapshot before) {
    return running.length > 0 && xmin == before.xmin;
  }

  boolean sees(long xid) {
    return xid < xmin || (xid < xmax && Arrays.binarySearch(running, xid) < 0);
  }

  /** Returns PostgreSQL's text form. */
  @Override
  public String toString() {
    return text;
  }
}

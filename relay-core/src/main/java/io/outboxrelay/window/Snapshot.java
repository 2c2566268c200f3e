package io.outboxrelay.window;

import java.util.Arrays;

/**
 * Which transactions a moment sees: PostgreSQL's {@code pg_snapshot}, compared by numbers only, so
 * it outlives the transactions it speaks of.
 */
final class Snapshot {
  /** Sees nothing at all: where the very first window begins. */
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

  /** The lowest id that was still running; all below had ended. */
  long xmin() {
    return xmin;
  }

  /** Ids from here on are not seen. Not the next id to be given out: some may run already. */
  long xmax() {
    return xmax;
  }

  /** The ids below {@link #xmax} that were running, ascending. */
  long[] running() {
    return running;
  }

  /** Whether the oldest transaction that is running is the one that was before. */
  boolean isHeldLike(Snapshot before) {
    return running.length > 0 && xmin == before.xmin;
  }

  boolean sees(long xid) {
    return xid < xmin || (xid < xmax && Arrays.binarySearch(running, xid) < 0);
  }

  /** PostgreSQL's text form. */
  @Override
  public String toString() {
    return text;
  }
}

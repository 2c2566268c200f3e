package io.outboxrelay.window;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The set of transactions that a {@code pg_snapshot} of PostgreSQL sees. Ids are only compared as
 * numbers, so the set can be used long after its transactions have ended.
 */
public final class Snapshot {
  /** A snapshot that sees no transaction; a new outbox is read from there. */
  public static final Snapshot NOTHING = parse("1:1:");

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
  public static Snapshot parse(String text) {
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
  public long xmin() {
    return xmin;
  }

  /**
   * Returns the lowest id that is above the ids of all transactions that this snapshot sees. The
   * server's next id can be higher, because transactions with this id and higher ids may already be
   * running.
   */
  public long xmax() {
    return xmax;
  }

  /** Returns the ids below {@link #xmax} that were running, in ascending order. */
  public long[] running() {
    return running;
  }

  /**
   * Returns true if the oldest running transaction of this snapshot is the oldest running one of
   * {@code before}.
   */
  boolean isHeldLike(Snapshot before) {
    return running.length > 0 && xmin == before.xmin;
  }

  public boolean sees(long xid) {
    return xid < xmin || (xid < xmax && Arrays.binarySearch(running, xid) < 0);
  }

  /** Returns the number of ids below {@link #xmax} that this snapshot does not see. */
  public int gaps() {
    return running.length;
  }

  /** Returns the snapshot that sees every transaction that this snapshot or {@code other} sees. */
  public Snapshot union(Snapshot other) {
    if (covers(other)) {
      return this;
    }
    if (other.covers(this)) {
      return other;
    }
    long highest = Math.max(xmax, other.xmax);
    return of(highest, unseen(highest).filter(xid -> !other.sees(xid)).toArray());
  }

  /** Returns the snapshot that also sees the given transactions. */
  public Snapshot plus(LongStream delivered) {
    long[] added = delivered.filter(xid -> !sees(xid)).sorted().toArray();
    if (added.length == 0) {
      return this;
    }
    long highest = Math.max(xmax, added[added.length - 1] + 1);
    return of(
        highest, unseen(highest).filter(xid -> Arrays.binarySearch(added, xid) < 0).toArray());
  }

  /** Returns true if this snapshot sees every transaction that {@code other} sees. */
  public boolean covers(Snapshot other) {
    return unseen(other.xmax).noneMatch(other::sees);
  }

  /** Returns the ids below {@code limit} that this snapshot does not see, in ascending order. */
  private LongStream unseen(long limit) {
    return LongStream.concat(
        Arrays.stream(running).filter(xid -> xid < limit), LongStream.range(xmax, limit));
  }

  private static Snapshot of(long xmax, long[] running) {
    long xmin = running.length == 0 ? xmax : running[0];
    String list = Arrays.stream(running).mapToObj(Long::toString).collect(Collectors.joining(","));
    return new Snapshot(xmin + ":" + xmax + ":" + list, xmin, xmax, running);
  }

  /** Returns PostgreSQL's text form. */
  @Override
  public String toString() {
    return text;
  }
}

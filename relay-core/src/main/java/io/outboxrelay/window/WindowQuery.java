package io.outboxrelay.window;

import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The queries of a {@link WindowReader}; {@link PageQuery} holds their statements. */
interface WindowQuery {
  /**
   * The events of a page.
   *
   * @param defects for each event that cannot become a message, the reason, by sequence number
   * @param bytes the approximate size of the events in memory
   * @param upTo the window has been read up to this sequence number
   */
  record Rows(List<OutboxEvent> events, Map<Long, String> defects, long bytes, long upTo) {
    /** True if this page is the last one of the window. */
    boolean isLast() {
      return upTo == Long.MAX_VALUE;
    }
  }

  /**
   * The answer to a look.
   *
   * @param snapshot the snapshot of the new window
   * @param fence the server's next transaction id, read after the snapshot
   * @param last the sequence's last number; the snapshot sees no event above it
   * @param called true if a command asks all owners to release their shards
   * @param nanos the time from the query to the arrival of its first row, in nanoseconds
   * @param rows the first page; null if its first event is larger than an event's share of a page
   */
  record Look(
      Snapshot snapshot, long fence, long last, boolean called, long nanos, @Nullable Rows rows) {}

  /** Completes with the sequence's last number; no snapshot taken so far sees an event above it. */
  Future<Long> last();

  /** Returns the name of the sequence in SQL. */
  String sequence();

  /**
   * Opens a new window and reads its first page: events with a sequence number above {@code start}
   * that are visible now and were not visible in {@code settled}. If a transaction that has ended
   * since {@code settled} can have events at or below {@code start}, the caller must discard the
   * page.
   */
  Future<Look> look(long start, Snapshot settled);

  /**
   * Reads the next page of an open window: events that the window's snapshot sees and {@code
   * settled} does not.
   *
   * @param bound the page ends at this sequence number
   */
  Future<Rows> execute(OpenWindow window, Snapshot settled, long bound);

  /** Returns a query that leaves out the rows of {@code partial}, which the log has delivered. */
  WindowQuery without(PartialTransaction partial);

  /**
   * Completes with the number of rows that a query made by {@link #without} leaves out: the visible
   * rows of {@code partial} with a sequence number above {@code floor}.
   */
  Future<Long> countOf(PartialTransaction partial, long floor);

  /** Returns the most sequence numbers that one page scans. */
  int maxWalk();

  /** Returns true if there is only one shard, so that the query reads every event of the table. */
  boolean readsAll();
}

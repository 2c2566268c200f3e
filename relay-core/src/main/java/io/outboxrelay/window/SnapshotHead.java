package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;

/**
 * The SQL that takes a snapshot, and then reads the sequence's last number and the next transaction
 * id.
 *
 * <p>The sequence is read after the statement's snapshot, so the snapshot sees no event with a
 * number above the sequence's last number. The next transaction id is read after the sequence,
 * because its expression depends on the sequence's number. Reading the next id assigns none.
 */
public final class SnapshotHead {
  /** The age to pass to {@link TransactionIds#next}; an expression that refers to {@link #from}. */
  public static final String AGE = "case when last is not null then age('3'::xid) end";

  private SnapshotHead() {}

  /**
   * Returns a sub-select named {@code head} with the snapshot as text, {@code w}, and the number
   * that the sequence gave out last, {@code last}.
   */
  public static String from(OutboxNames names) {
    return "(select pg_current_snapshot()::text as w, last_value - (not is_called)::int as last from "
        + names.sequence()
        + ") head";
  }
}

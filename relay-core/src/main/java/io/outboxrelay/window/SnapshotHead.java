package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;

/**
 * The SQL that takes a snapshot and reads how far sequence and transaction ids have come by then.
 *
 * <p>The sequence is read after the statement's snapshot, so the snapshot sees no event above it.
 * The next transaction id is read after the sequence, because it is evaluated with its result. That
 * takes no id.
 */
public final class SnapshotHead {
  /** The argument of {@link TransactionIds#next}; an expression over {@link #from}. */
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

package io.outboxrelay.outbox;

/**
 * The SQL condition that finds events not yet confirmed according to the stored checkpoint of their
 * shard.
 *
 * <p>It must be false for exactly the events that the account of the deliveries counts. If
 * checkpoints confirm events in a new way, this condition must include it, or every comparison
 * finds a difference.
 */
public final class UnconfirmedEvents {
  /**
   * A checkpoint confirms all events that its settled snapshot sees. Of the events that its open
   * window sees, it confirms the ones up to the window's position. If the log has delivered a part
   * of a transaction, the part is confirmed once an open window sees the transaction, because the
   * part has then been compared with the table. Before that, the whole transaction counts as
   * unconfirmed.
   */
  private static final String CONDITION =
      """
      not pg_visible_in_snapshot(%1$s.xid, %2$s.settled)
      and not (%2$s.open_window is not null and %1$s.seq <= %2$s.position
               and pg_visible_in_snapshot(%1$s.xid, %2$s.open_window))
      and (%2$s.open_window is not null and %1$s.xid = %2$s.partial_xid
           and %1$s.seq <= %2$s.partial_last
           and pg_visible_in_snapshot(%1$s.xid, %2$s.open_window)) is not true\
      """;

  /**
   * True for a checkpoint with a partly delivered transaction of which the account already counts
   * the delivered rows, although {@link #condition} still treats them as unconfirmed.
   */
  private static final String PARTIAL =
      "%1$s.partial_xid is not null and (%1$s.open_window is not null"
          + " and pg_visible_in_snapshot(%1$s.partial_xid, %1$s.open_window)) is not true";

  private UnconfirmedEvents() {}

  /**
   * Returns the condition that is true for an event that is not confirmed yet.
   *
   * @param event the alias of the event's row, with the columns {@code seq} and {@code xid}
   * @param checkpoint the alias of the row of its shard's checkpoint
   */
  public static String condition(String event, String checkpoint) {
    return CONDITION.formatted(event, checkpoint);
  }

  /**
   * Returns the condition that is true for a checkpoint with a partly delivered transaction, if the
   * account already counts the delivered rows and {@link #condition} still treats them as
   * unconfirmed.
   *
   * @param checkpoint the alias of the checkpoint's row
   */
  public static String countsPart(String checkpoint) {
    return PARTIAL.formatted(checkpoint);
  }
}

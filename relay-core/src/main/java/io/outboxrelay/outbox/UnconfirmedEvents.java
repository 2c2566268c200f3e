package io.outboxrelay.outbox;

/**
 * The SQL condition that finds events not yet confirmed according to the stored checkpoint of their
 * shard.
 *
 * <p>The condition must be false for exactly those events that the account counts as delivered. If
 * a change of the code lets checkpoints confirm events in a new way, the condition must be changed
 * accordingly. Otherwise every comparison finds a difference.
 */
public final class UnconfirmedEvents {
  /**
   * An SQL condition, true for an event that is not confirmed yet. A checkpoint confirms all events
   * that its settled snapshot sees. Of the events that its open window sees, the checkpoint
   * confirms those up to the window's position. If the log has delivered only a part of a
   * transaction, the whole transaction counts as unconfirmed at first. The part counts as confirmed
   * once an open window sees the transaction, because the part has then been compared with the
   * table.
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
   * An SQL condition, true for a checkpoint with a partly delivered transaction of which the
   * account already counts the delivered rows, although {@link #condition} still treats them as
   * unconfirmed.
   */
  private static final String PARTIAL =
      "%1$s.partial_xid is not null and (%1$s.open_window is not null"
          + " and pg_visible_in_snapshot(%1$s.partial_xid, %1$s.open_window)) is not true";

  private UnconfirmedEvents() {}

  /**
   * Returns the SQL condition that is true for an event that is not confirmed yet.
   *
   * @param event the alias of the event's row, with the columns {@code seq} and {@code xid}
   * @param checkpoint the alias of the row of its shard's checkpoint
   */
  public static String condition(String event, String checkpoint) {
    return CONDITION.formatted(event, checkpoint);
  }

  /**
   * Returns an SQL condition about a checkpoint. It is true if the checkpoint has a partly
   * delivered transaction, the account already counts the delivered rows, and {@link #condition}
   * still treats these rows as unconfirmed.
   *
   * @param checkpoint the alias of the checkpoint's row
   */
  public static String countsPart(String checkpoint) {
    return PARTIAL.formatted(checkpoint);
  }
}

package io.outboxrelay.outbox;

/**
 * The SQL condition that finds events not yet confirmed according to the stored checkpoint of their
 * shard.
 *
 * <p>It must be false for exactly the events that the account of the deliveries counts. If a
 * checkpoint confirms events in a further way, this condition must know it, or every comparison
 * finds a difference.
 */
public final class UnconfirmedEvents {
  /**
   * A checkpoint confirms all events that its settled snapshot sees. Of the events that its open
   * window sees, it confirms the ones up to the window's position. If that window sees a
   * transaction of which the log has delivered a part, the part has been compared with the table,
   * and is confirmed too. Before that, all of the transaction counts as unconfirmed.
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
   * True for a checkpoint with a part of a transaction of which {@link #condition} says that it is
   * not confirmed, although the account counts it.
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
   * Returns the condition that is true for a checkpoint with a part of a transaction that the
   * account counts and {@link #condition} does not call confirmed.
   *
   * @param checkpoint the alias of the checkpoint's row
   */
  public static String countsPart(String checkpoint) {
    return PARTIAL.formatted(checkpoint);
  }
}

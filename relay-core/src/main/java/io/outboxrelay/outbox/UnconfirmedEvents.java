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
   * window sees, it confirms the ones up to the window's position.
   */
  private static final String CONDITION =
      """
      not pg_visible_in_snapshot(%1$s.xid, %2$s.settled)
      and not (%2$s.open_window is not null and %1$s.seq <= %2$s.position
               and pg_visible_in_snapshot(%1$s.xid, %2$s.open_window))\
      """;

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
}

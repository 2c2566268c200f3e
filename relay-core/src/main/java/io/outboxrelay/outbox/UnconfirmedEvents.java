package io.outboxrelay.outbox;

/**
 * Which events the broker has not confirmed yet, in SQL: by the stored checkpoint of their shard.
 */
public final class UnconfirmedEvents {
  /**
   * A checkpoint says what is confirmed: all that its settled snapshot sees, and of what its open
   * window sees the events up to its position.
   */
  private static final String CONDITION =
      """
      not pg_visible_in_snapshot(%1$s.xid, %2$s.settled)
      and not (%2$s.open_window is not null and %1$s.seq <= %2$s.position
               and pg_visible_in_snapshot(%1$s.xid, %2$s.open_window))\
      """;

  private UnconfirmedEvents() {}

  /**
   * The condition under which an event is not confirmed yet.
   *
   * @param event the name of the event's row, with the columns {@code seq} and {@code xid}
   * @param checkpoint the name of the row of its shard's checkpoint
   */
  public static String condition(String event, String checkpoint) {
    return CONDITION.formatted(event, checkpoint);
  }
}

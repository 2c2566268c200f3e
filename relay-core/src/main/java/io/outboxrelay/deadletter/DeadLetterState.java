package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;

/**
 * SQL for the state of an event in the table of dead letters. The states are:
 *
 * <ul>
 *   <li>{@code rejected}: the broker did not accept the event.
 *   <li>{@code retried}: the event was rejected and is being published again.
 *   <li>{@code blocked}: the event waits behind a rejected event of its aggregate.
 *   <li>{@code deferred}: the event's destination is down, or the event waits behind such an event.
 *   <li>{@code paused}: an operator has paused the event's destination, or the event waits behind
 *       such an event.
 *   <li>{@code waiting}: the event in front of it is gone, and this event is published next.
 * </ul>
 */
public final class DeadLetterState {
  /** An SQL condition that is true for a row with a requested redelivery that has not ended. */
  public static final String IN_REDELIVERY = "redelivery in ('requested', 'in_progress')";

  /**
   * An SQL condition that is true for a dead letter, in a query without an alias. Published and
   * discarded rows may still be in the table, but are not dead letters any more.
   */
  public static final String LIVE = "(redelivery is null or " + IN_REDELIVERY + ")";

  /**
   * An SQL condition that is true for a rejected row; the row has the alias {@code dead_letter}.
   */
  public static final String REJECTED =
      "(dead_letter.attempts > 0 or dead_letter.state = 'skipped')";

  /**
   * An SQL expression for the state of an aggregate's rows that were not rejected themselves. The
   * first row of the aggregate decides it, and an index finds that row.
   */
  private static final String OF_HEAD =
      """
      (select case when head.attempts > 0 then 'blocked'
                   when head.redelivery is null then 'waiting'
                   when exists (
                     select from %2$s pause
                     where pause.destination <> '*'
                       and head.destination collate "C" like %4$s) then 'paused'
                   else 'deferred' end
       from %1$s head
       where head.aggregate_id = %3$s and head.state = 'parked' and %5$s
       order by head.seq limit 1)\
      """;

  private static final String LIKE =
      """
      replace(replace(replace(replace(pause.destination, '\\', '\\\\'), '%', '\\%'), '_', '\\_'), \
      '*', '%')\
      """;

  private DeadLetterState() {}

  /** Returns {@link #IN_REDELIVERY} for a row with the alias {@code alias}. */
  public static String inRedelivery(String alias) {
    return alias + "." + IN_REDELIVERY;
  }

  /** Returns {@link #LIVE} for a row with the alias {@code alias}. */
  public static String live(String alias) {
    return LIVE.replace("redelivery ", alias + ".redelivery ");
  }

  /** Returns an SQL expression for the state of the row with the alias {@code dead_letter}. */
  public static String of(OutboxNames names) {
    return "case when %s then case when dead_letter.redelivery is null then 'rejected' else 'retried' end else %s end"
        .formatted(REJECTED, ofFollowers(names, "dead_letter.aggregate_id"));
  }

  /**
   * Returns an SQL expression for the state of an aggregate's rows that were not rejected
   * themselves.
   *
   * @param aggregateId an SQL expression for the aggregate
   */
  static String ofFollowers(OutboxNames names, String aggregateId) {
    return OF_HEAD.formatted(names.deadLetter(), names.pause(), aggregateId, LIKE, live("head"));
  }
}

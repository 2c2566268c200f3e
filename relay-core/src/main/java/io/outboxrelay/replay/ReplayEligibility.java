package io.outboxrelay.replay;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;

/** The SQL that decides if an event may be replayed. */
final class ReplayEligibility {
  /**
   * An SQL expression for the reason for which a row of {@link #events} is left out; null if its
   * event may be replayed. An event that is not delivered yet, or is a dead letter that was not
   * redelivered, is left out: the replay could publish it before earlier events of its aggregate.
   * An event that an operator has discarded is left out, because it was never delivered. An event
   * that was just delivered may be left out, too, because the stored checkpoint lags slightly.
   */
  static final String LEFT_OUT =
      """
      case
        when dead_letter.seq is not null or discarded.seq is not null then 'dead letter'
        when not (%s) then null
        else 'waiting'
      end\
      """
          .formatted(UnconfirmedEvents.condition("event", "c"));

  /**
   * The SQL of {@link #events}. It is a join, because a subquery for each event costs seven times
   * as much if all events are counted.
   */
  private static final String EVENTS =
      """
      %1$s
      left join %2$s dead_letter
        on dead_letter.seq = event.seq and dead_letter.redelivery is distinct from 'done'
      left join %5$s discarded on discarded.seq = event.seq
      left join %3$s c on c.shard = %4$s\
      """;

  private ReplayEligibility() {}

  /**
   * Returns the SQL of a {@code from} clause: the outbox with the alias {@code event}, joined with
   * the tables that show the state of each event.
   */
  static String events(OutboxNames names) {
    String shards = "(select nullif(count(*), 0) from " + names.checkpoint() + ")";
    return EVENTS.formatted(
        names.events("event"),
        names.deadLetter(),
        names.checkpoint(),
        ShardKey.shardOf("event.aggregate_id", shards),
        names.discarded());
  }
}

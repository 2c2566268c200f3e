package io.outboxrelay.replay;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;

/** Decides in SQL if an event may be replayed. */
final class ReplayEligibility {
  /**
   * The reason for which an event of {@link #events} is left out; null if it is not. An event that
   * was not delivered yet, or that is a dead letter, must not overtake the events that it waits
   * for. An event that an operator has discarded was never delivered. The stored checkpoint lags
   * slightly, so an event that was just delivered may be left out too.
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
   * A join, because a look-up for each event costs seven times as much if all events are counted.
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
   * Returns the outbox with the alias {@code event}, joined with the tables that tell the state of
   * each event.
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

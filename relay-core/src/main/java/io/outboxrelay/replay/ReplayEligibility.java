package io.outboxrelay.replay;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;

/** Whether an event may be sent again, in SQL. */
final class ReplayEligibility {
  /**
   * Why an event of {@link #events} is left out; null where it is not. What was not delivered yet,
   * or is a dead letter, would overtake what it waits for. The checkpoint lags behind by moments,
   * so it errs to the safe side.
   */
  static final String LEFT_OUT =
      """
      case
        when letter.seq is not null then 'dead letter'
        when not (%s) then null
        else 'waiting'
      end\
      """
          .formatted(UnconfirmedEvents.condition("event", "c"));

  /** Joined: a look-up for each event costs seven times as much where all are counted. */
  private static final String EVENTS =
      """
      %1$s event
      left join %2$s letter
        on letter.seq = event.seq and letter.redelivery is distinct from 'done'
      left join %3$s c on c.shard = %4$s\
      """;

  private ReplayEligibility() {}

  /** The outbox as {@code event}, beside what tells where each event stands. */
  static String events(OutboxNames names) {
    String shards = "(select count(*) from " + names.checkpoint() + ")";
    return EVENTS.formatted(
        names.outbox(),
        names.deadLetter(),
        names.checkpoint(),
        ShardKey.shardOf("event.aggregate_id", shards));
  }
}

package io.outboxrelay.account;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;

/**
 * The SQL that adjusts the account if a shard's checkpoint is set to another position: it counts
 * the events that the new position confirms and the earlier one does not, and the other way round.
 */
public final class AccountTransfer {
  /**
   * A query for the events that only one of two checkpoints confirms. It reads only the sequence
   * numbers between the lower floor and the highest confirmed number, because both checkpoints
   * agree on all other events.
   */
  private static final String DIFFERENCE =
      """
      select range, sum(sign)::bigint as events, sum(sign * hash)::bigint as digest
      from (
        select event.seq >> %6$d as range, %5$s as hash, case when %3$s then 1 else -1 end as sign
        from %1$s, before, target
        where event.seq > least(before.floor, target.floor)
          and event.seq <= greatest(before.top, target.top, before.partial_last)
          and (%2$s) and (%3$s) <> (%4$s)
      ) moved_event
      group by range\
      """;

  private AccountTransfer() {}

  /**
   * Returns a query that yields, for each range, the number of events and the sum of their hashes.
   * Both are negative for events that only the earlier checkpoint confirms. It reads the earlier
   * checkpoint from a query named {@code before}, and the new one from {@code target}.
   */
  public static String sql(OutboxNames names, ShardKey share) {
    return DIFFERENCE.formatted(
        names.events("event"),
        share.mine(),
        UnconfirmedEvents.condition("event", "before"),
        UnconfirmedEvents.condition("event", "target"),
        EventHash.sql("event."),
        AccountRange.BITS);
  }
}

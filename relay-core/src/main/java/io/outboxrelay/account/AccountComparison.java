package io.outboxrelay.account;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;

/**
 * The SQL that compares the account of the delivered events with the outbox.
 *
 * <p>The statement that moves a checkpoint also updates the account. In any snapshot, the sum of
 * all shards' accounts for a range of sequence numbers therefore equals the events of the range
 * that the checkpoints confirm. That holds at any time: while events of the range are unconfirmed
 * or uncommitted, after a crash, and after a change of the number of shards.
 */
final class AccountComparison {
  /**
   * Selects the events with the sequence numbers $1 to $2. An event is due, which means that the
   * account must count it, if its shard's checkpoint confirms it. An event with a number at or
   * below the floor is due as well, because the reader does not read there any more.
   */
  private static final String STANDING =
      """
      select event.seq, event.created_at, %4$s as hash, c.shard, c.floor,
             event.seq <= c.floor or not (%5$s) as due
      from %1$s
      left join %2$s c on c.shard = %3$s
      where event.seq >= $1 and event.seq <= $2\
      """;

  /**
   * Compares the due events of each range with the account. If the log has delivered only a part of
   * a transaction, the account already counts the rows of that part, but these rows are not due
   * yet. This query therefore subtracts them from the account's numbers.
   */
  private static final String FOUND =
      """
      select range, coalesce(account.events, 0)::bigint as delivered,
             coalesce(rows.events, 0)::bigint as standing,
             (coalesce(rows.digest, 0) - coalesce(account.digest, 0))::bigint as digest,
             coalesce(rows.present, 0)::bigint as present,
             coalesce(rows.open, 0)::bigint as open
      from (select seq >> %2$d as range, count(*) filter (where due) as events,
                   sum(hash) filter (where due) as digest, count(*) as present,
                   count(*) filter (where due is not true) as open
            from standing group by 1) rows
      full join (select range, sum(events) as events, sum(digest) as digest
                 from (select range, events, digest from %1$s
                       union all
                       select part.range, -part.events, -part.digest
                       from %3$s c, unnest(c.partial_ranges, c.partial_events, c.partial_digests)
                         as part (range, events, digest)
                       where %4$s) counted
                 where range >= $1::bigint >> %2$d and range <= $2::bigint >> %2$d
                 group by range) account using (range)\
      """;

  private static final String NOTED =
      """
      insert into %1$s as noted (range, delivered, standing, digest)
      select range, delivered, standing, digest from found where %2$s
      on conflict (range) do update
        set delivered = excluded.delivered, standing = excluded.standing, digest = excluded.digest
        where (noted.delivered, noted.standing, noted.digest)
              <> (excluded.delivered, excluded.standing, excluded.digest)\
      """;

  private static final String CLEARED =
      """
      delete from %1$s
      where range >= $1::bigint >> %2$d and range <= $2::bigint >> %2$d
        and range not in (select range from found where %3$s)\
      """;

  /**
   * An SQL condition, true for a range that differs: the range still holds events, and its due
   * events are not the ones that the account counts. A range without events never differs, because
   * the clean-up has nothing left to delete there.
   */
  static final String DIFFERS =
      "(present > 0 and (delivered <> standing or digest <> 0 and " + EventHash.AGREES + "))";

  private AccountComparison() {}

  /** Returns a query for the events with the sequence numbers $1 to $2. */
  static String standing(OutboxNames names) {
    return STANDING.formatted(
        names.events("event"),
        names.checkpoint(),
        ShardKey.shardOf(
            "event.aggregate_id", "(select nullif(count(*), 0) from " + names.checkpoint() + ")"),
        EventHash.sql("event."),
        UnconfirmedEvents.condition("event", "c"));
  }

  /**
   * Returns a query that compares the events of a query named {@code standing} with the account,
   * range by range.
   */
  static String found(OutboxNames names) {
    return FOUND.formatted(
        names.account(), AccountRange.BITS, names.checkpoint(), UnconfirmedEvents.countsPart("c"));
  }

  /** Returns a statement that stores the differences of a query named {@code found}. */
  static String noted(OutboxNames names) {
    return NOTED.formatted(names.difference(), DIFFERS);
  }

  /** Returns a statement that deletes the stored differences that no longer exist. */
  static String cleared(OutboxNames names) {
    return CLEARED.formatted(names.difference(), AccountRange.BITS, DIFFERS);
  }
}

package io.outboxrelay.redelivery;

import io.outboxrelay.deadletter.DeadLetterState;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests the redelivery of parked aggregates that have no rejected event at their head any more.
 * Their dead letters wait behind an event that is no longer in the table, and no command lists
 * them. Without this class they would wait for ever.
 *
 * <p>A term that ended between two steps of a redelivery can leave such an aggregate.
 */
final class ForgottenAggregates {
  private static final Logger LOG = LoggerFactory.getLogger(ForgottenAggregates.class);
  private static final int PORTION = 2_000;

  /**
   * Requests the redelivery of such aggregates in one portion of the parked aggregates. Selects the
   * last aggregate id of the portion, the number of aggregates in the portion, and the number of
   * requests. No row means that the term is over. The query goes from one aggregate to the next by
   * the index, so that its cost depends on the size of the portion and not on the size of the
   * table.
   */
  private static final String ASK =
      """
      with recursive ours as (%4$s), head as (
        (select aggregate_id, seq, attempts, redelivery from %1$s
         where aggregate_id > $1 and state = 'parked'
           and %5$s
         order by aggregate_id, seq limit 1)
        union all
        select next.* from head cross join lateral (
          select aggregate_id, seq, attempts, redelivery from %1$s
          where aggregate_id > head.aggregate_id and state = 'parked'
            and %5$s
          order by aggregate_id, seq limit 1) next
      ), page as (
        select * from head limit %3$d
      ), asked as (
        update %1$s set redelivery = 'requested'
        where exists (select from ours) and redelivery is null and seq in (
          select seq from page
          where attempts = 0 and redelivery is null and (%2$s) and not exists (
            select from %1$s tried
            where tried.aggregate_id = page.aggregate_id and tried.state = 'parked'
              and (tried.redelivery is null and tried.attempts > 0
                or tried.redelivery in ('requested', 'in_progress', 'discarded'))))
        returning 1
      )
      select (select aggregate_id from page order by aggregate_id desc limit 1),
             (select count(*) from page), (select count(*) from asked)
      from ours
      """;

  private final SqlClient database;
  private final OwnerEpoch owner;
  private final String ask;

  ForgottenAggregates(SqlClient database, OutboxNames names, ShardKey share, OwnerEpoch owner) {
    this.database = database;
    this.owner = owner;
    this.ask =
        ASK.formatted(
            names.deadLetter(),
            share.mine(),
            PORTION,
            OwnerEpoch.isOurs(names, "$2", "$3"),
            DeadLetterState.LIVE);
  }

  /** Completes when all parked aggregates of the shard were checked; fails if the term is over. */
  Future<Void> find() {
    return findAfter("", 0);
  }

  private Future<Void> findAfter(String aggregateId, long before) {
    return database
        .preparedQuery(ask)
        .execute(Tuple.of(aggregateId, owner.shard(), owner.epoch()))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return Future.failedFuture(owner.over());
              }
              var row = rows.iterator().next();
              long asked = before + row.getLong(2);
              if (row.getLong(1) == PORTION) {
                return findAfter(row.getString(0), asked);
              }
              if (asked > 0) {
                LOG.info(
                    "{} had dead letters that waited behind an event that no longer exists; their"
                        + " redelivery is requested now",
                    CountFormat.of(asked, "parked aggregate"));
              }
              return Future.succeededFuture();
            });
  }
}

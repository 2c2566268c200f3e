package io.outboxrelay.window;

import io.outboxrelay.account.AccountAdjustment;
import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * Makes an outbox usable again in a database that was restored from a dump: in the events and the
 * checkpoints, it replaces the transaction ids of the old cluster by ids of the new cluster.
 *
 * <p>Events that were not confirmed when the dump was made are published in order, and so are
 * events that were written in the new database before the rebase. Confirmed events are not
 * published again.
 */
public final class Rebase {
  private Rebase() {}

  /**
   * Re-bases the outbox in one transaction; completes with the number of events to be published.
   * Fails and changes nothing if a relay owns a shard.
   */
  public static Future<Long> run(SqlConnection connection, OutboxNames names) {
    return connection
        .begin()
        .compose(
            transaction ->
                alone(connection, names)
                    .compose(locked -> new CheckpointAlignment(connection, names).run(true))
                    .compose(waiting -> AccountAdjustment.run(connection, names).map(waiting))
                    .compose(waiting -> adopt(connection, names).map(waiting))
                    .compose(waiting -> liftSequence(connection, names).map(waiting))
                    .compose(waiting -> transaction.commit().map(waiting))
                    .onFailure(failure -> transaction.rollback()));
  }

  private static Future<?> adopt(SqlConnection connection, OutboxNames names) {
    return DatabaseIdentity.read(connection)
        .compose(
            here ->
                connection
                    .preparedQuery(
                        "update %s set system_identifier = $1, database_oid = $2"
                            .formatted(names.checkpoint()))
                    .execute(Tuple.of(here.system(), here.database())));
  }

  /**
   * Sets the sequence to the highest number in the outbox. If the sequence was not carried over, or
   * was set back, it would otherwise give out numbers twice.
   */
  private static Future<?> liftSequence(SqlConnection connection, OutboxNames names) {
    return connection
        .query(
            """
            select setval('%1$s', highest)
            from (select max(seq) as highest from %2$s) outbox, %3$s
            where highest > last_value
            """
                .formatted(names.sequence().replace("'", "''"), names.events(), names.sequence()))
        .execute();
  }

  private static Future<Void> alone(SqlConnection connection, OutboxNames names) {
    return connection
        .query(
            "select bool_and(pg_try_advisory_xact_lock(%s)) from %s"
                .formatted(names.leaseLock("shard"), names.checkpoint()))
        .execute()
        .compose(
            rows ->
                Boolean.TRUE.equals(rows.iterator().next().getBoolean(0))
                    ? Future.succeededFuture()
                    : ForeignLock.find(connection, names).compose(Rebase::occupied));
  }

  private static Future<Void> occupied(List<ForeignLock> foreign) {
    return Future.failedFuture(
        DatabaseException.refused(
            foreign.stream()
                .filter(lock -> lock.shard().isPresent())
                .findFirst()
                .map(lock -> lock.sentence() + "; nothing was changed. " + lock.remedy())
                .orElse(
                    "a relay owns a shard of this outbox, so nothing was changed. Stop every relay,"
                        + " then run rebase again")));
  }
}

package io.outboxrelay.window;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/**
 * Makes an outbox usable again in a database restored from a dump: gives the events, and the
 * checkpoint, transaction ids of the new cluster.
 *
 * <p>What was not confirmed when the dump was made is published after it, in order; what was
 * confirmed is not published again.
 */
public final class Rebase {
  private Rebase() {}

  /**
   * Re-bases the outbox in one transaction; completes with how many events wait to be published.
   * Refuses while a relay owns a shard.
   */
  public static Future<Long> run(SqlConnection connection, OutboxNames names) {
    return connection
        .begin()
        .compose(
            transaction ->
                alone(connection, names)
                    .compose(locked -> new Levelling(connection, names).run(true))
                    .compose(waiting -> transaction.commit().map(waiting))
                    .onFailure(failure -> transaction.rollback()));
  }

  private static Future<Void> alone(SqlConnection connection, OutboxNames names) {
    return connection
        .query(
            "select bool_and(pg_try_advisory_xact_lock(%d, 2 * shard + 1)) from %s"
                .formatted(names.lockClass(), names.checkpoint()))
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
                    "a relay is at work on this outbox; nothing was changed. Stop every relay,"
                        + " then run rebase again")));
  }
}

package io.outboxrelay.relay;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ownership of a shard: a session advisory lock.
 *
 * <p>It ends with its connection, whatever ended that, and the server gives it to the next in line
 * at once; no clock is involved.
 */
final class Lease {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private Lease() {}

  /** Completes when {@code connection} owns the shard, for as long as that takes. */
  static Future<Void> acquire(PgConnection connection, OutboxNames names, int shard) {
    return connection
        .query("select pg_try_advisory_lock(" + names.leaseLock(shard) + ")")
        .execute()
        .compose(
            rows ->
                rows.iterator().next().getBoolean(0)
                    ? Future.succeededFuture()
                    : standBy(connection, names, shard));
  }

  private static Future<Void> standBy(PgConnection connection, OutboxNames names, int shard) {
    return connection
        .preparedQuery("select owner from " + names.checkpoint() + " where shard = $1")
        .execute(Tuple.of(shard))
        .compose(
            rows -> {
              String owner = rows.size() == 0 ? null : rows.iterator().next().getString(0);
              LOG.info("standing by: shard {} is owned by {}", shard, owner);
              return connection
                  .query("select pg_advisory_lock(" + names.leaseLock(shard) + ")")
                  .execute();
            })
        .mapEmpty();
  }
}

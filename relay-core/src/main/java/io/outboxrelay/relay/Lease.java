package io.outboxrelay.relay;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ownership of a shard: a session advisory lock.
 *
 * <p>It ends with its connection, whatever ended that; no clock is involved. A standby asks for it
 * again and again: one that waited inside {@code pg_advisory_lock} would hold a snapshot all the
 * while, and vacuum could clean up nothing in the whole database.
 */
final class Lease {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

  private final Vertx vertx;
  private final PgConnection connection;
  private final OutboxNames names;
  private final int shard;
  private final Promise<Void> acquired = Promise.promise();

  private Lease(Vertx vertx, PgConnection connection, OutboxNames names, int shard) {
    this.vertx = vertx;
    this.connection = connection;
    this.names = names;
    this.shard = shard;
  }

  /** Completes when {@code connection} owns the shard, for as long as that takes. */
  static Future<Void> acquire(Vertx vertx, PgConnection connection, OutboxNames names, int shard) {
    var lease = new Lease(vertx, connection, names, shard);
    lease.take(lease::standBy);
    return lease.acquired.future();
  }

  private void take(Runnable otherwise) {
    connection
        .query("select pg_try_advisory_lock(" + names.leaseLock(shard) + ")")
        .execute()
        .onComplete(
            rows -> {
              if (rows.iterator().next().getBoolean(0)) {
                acquired.complete();
              } else {
                otherwise.run();
              }
            },
            acquired::fail);
  }

  private void standBy() {
    connection
        .preparedQuery("select owner from " + names.checkpoint() + " where shard = $1")
        .execute(Tuple.of(shard))
        .onComplete(
            rows -> {
              String owner = rows.size() == 0 ? null : rows.iterator().next().getString(0);
              LOG.info("standing by: shard {} is owned by {}", shard, owner);
              takeLater();
            },
            acquired::fail);
  }

  private void takeLater() {
    vertx.setTimer(BETWEEN_TRIES.toMillis(), fired -> take(this::takeLater));
  }
}

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
 * The ownership of a shard: a session advisory lock, which ends with its connection, whatever ended
 * that.
 *
 * <p>A standby asks for it again and again: one that waited inside {@code pg_advisory_lock} would
 * hold a snapshot all the while, and vacuum could clean up nothing in the whole database.
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

  /**
   * Completes when {@code connection} owns the shard, for as long as that takes.
   *
   * @param timeout how long the server, where it hears nothing from an owner, leaves it the shard
   */
  static Future<Void> acquire(
      Vertx vertx, PgConnection connection, OutboxNames names, int shard, Duration timeout) {
    var lease = new Lease(vertx, connection, names, shard);
    return connection
        .query(freedAfter(timeout))
        .execute()
        .onSuccess(bounded -> lease.take(lease::standBy))
        .compose(bounded -> lease.acquired.future());
  }

  /**
   * The server's kernel asks a silent owner's whether it is still there, three times in the second
   * half of the time, and gives the connection up when it is over; never before, as it counts from
   * the last it heard. A host that vanished would otherwise own its shards for two hours.
   */
  private static String freedAfter(Duration timeout) {
    long seconds = (timeout.toMillis() + 999) / 1000;
    long interval = Math.max(1, seconds / 6);
    return """
        set tcp_keepalives_idle = %d;
        set tcp_keepalives_interval = %d;
        set tcp_keepalives_count = 3;
        set tcp_user_timeout = %d;
        """
        .formatted(Math.max(1, seconds - 3 * interval), interval, seconds * 1000);
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

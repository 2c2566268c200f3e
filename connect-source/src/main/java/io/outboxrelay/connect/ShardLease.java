package io.outboxrelay.connect;

import io.outboxrelay.leadership.LeaseCampaign;
import io.outboxrelay.leadership.LeaseTakenException;
import io.outboxrelay.leadership.ShardCountChangedException;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Acquires the relay's lease on a shard for a task, so that neither a relay nor another task reads
 * the shard at the same time.
 */
final class ShardLease {
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

  private final ShardSite site;
  private final PgConnection connection;
  private final long patienceNanos;
  private final long begun = System.nanoTime();

  /**
   * @param connection the connection that is to own the shard
   * @param patience the longest wait for the lease; zero for a single try. A task has to wait,
   *     because the database may take {@code relay.lease-timeout} to notice the end of the former
   *     owner
   */
  ShardLease(ShardSite site, PgConnection connection, Duration patience) {
    this.site = site;
    this.connection = connection;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Completes when the connection owns the shard. If the lease cannot be acquired in time, fails
   * with a message for the operator.
   */
  Future<Void> acquire() {
    return LeaseCampaign.of(
            site.vertx(),
            connection,
            site.names(),
            site.share(),
            site.config().identity(site.number()))
        .take()
        .recover(
            failure -> {
              if (failure instanceof ShardCountChangedException changed) {
                return Future.failedFuture(changed(changed));
              }
              if (!(failure instanceof LeaseTakenException)) {
                return Future.failedFuture(failure);
              }
              return System.nanoTime() - begun < patienceNanos
                  ? site.vertx()
                      .timer(BETWEEN_TRIES.toMillis(), TimeUnit.MILLISECONDS)
                      .compose(passed -> acquire())
                  : taken();
            });
  }

  private ConnectException changed(ShardCountChangedException changed) {
    return new ConnectException(
        changed.getMessage()
            + ", but this task was created for "
            + site.share()
            + "; restart the connector, so that it gets a task for each shard");
  }

  private Future<Void> taken() {
    return connection
        .preparedQuery("select owner from " + site.names().checkpoint() + " where shard = $1")
        .execute(Tuple.of(site.share().shard()))
        .compose(
            rows -> {
              String owner = rows.size() == 0 ? null : rows.iterator().next().getString(0);
              return Future.failedFuture(
                  new ConnectException(
                      OutboxProbe.taken(site.names(), site.share(), owner)
                          + ", so this task publishes nothing"));
            });
  }
}

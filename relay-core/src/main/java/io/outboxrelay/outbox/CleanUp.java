package io.outboxrelay.outbox;

import io.outboxrelay.metrics.ShardMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes confirmed events once they are older than the retention.
 *
 * <p>In chunks, by ranges of the sequence number, and only below the floor: nothing can commit late
 * there, so a range once cleaned stays clean. The reader is always ahead, so what is deleted costs
 * it nothing, however late vacuum comes.
 *
 * <p>A replay that is asked for or under way holds back what it has still to send.
 */
public final class CleanUp {
  private static final Logger LOG = LoggerFactory.getLogger(CleanUp.class);
  private static final int CHUNK = 2000;

  /** What a replay has still to send stays until it is over, or has passed it. */
  private static final String DELETE =
      """
      with chunk as materialized (
        select seq, created_at < now() - $3 * interval '1 ms' and not exists (
                 select from %3$s
                 where state in ('asked', 'running') and seq > position and seq <= top) as expired
        from %1$s
        where seq > $1 and seq <= $2 and (%2$s)
        order by seq
        limit $4
      ), gone as (
        delete from %1$s where seq in (select seq from chunk where expired) returning seq
      )
      select (select count(*) from gone),
             (select count(*) from chunk),
             coalesce((select min(seq) - 1 from chunk where not expired),
                      (select max(seq) from chunk having count(*) = $4), $2)
      """;

  /** Notes of discards that are as old as an event may be, and whose event is gone. */
  private static final String FORGET =
      """
      delete from %1$s where seq in (
        select seq from %1$s gone
        where discarded_at < now() - $1 * interval '1 ms'
          and not exists (select from %2$s event where event.seq = gone.seq)
        limit $2)
      """;

  private final Vertx vertx;
  private final SqlClient database;
  private final OutboxConfig config;
  private final String delete;
  private final String forget;
  private final boolean first;
  private final ShardMetrics metrics;
  private final LongSupplier floor;
  private long cleaned = Long.MIN_VALUE;
  private long timer;
  private boolean stopped;

  /**
   * Idle until {@link #start}.
   *
   * @param share whose events to delete
   * @param metrics count what is deleted
   * @param floor the sequence number up to which everything is confirmed and nothing can be new
   */
  public CleanUp(
      Vertx vertx,
      SqlClient database,
      OutboxConfig config,
      ShardKey share,
      ShardMetrics metrics,
      LongSupplier floor) {
    this.vertx = vertx;
    this.delete = DELETE.formatted(config.names().outbox(), share.mine(), config.names().replays());
    this.forget = FORGET.formatted(config.names().discarded(), config.names().outbox());
    this.first = share.shard() == 0;
    this.database = database;
    this.config = config;
    this.metrics = metrics;
    this.floor = floor;
  }

  /** Cleans now and at every interval. */
  public void start() {
    chunk().onComplete(this::deleted, this::failed);
  }

  private void deleted(long events) {
    metrics.cleanedUp(events);
    if (events > 0) {
      again(1);
    } else {
      forgetDiscards().onComplete(forgotten -> again(pause()), this::failed);
    }
  }

  /** One shard does it for all. */
  private Future<?> forgetDiscards() {
    return first
        ? database.preparedQuery(forget).execute(Tuple.of(config.retention().toMillis(), CHUNK))
        : Future.succeededFuture();
  }

  public void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }

  private long pause() {
    return config.cleanUpInterval().toMillis();
  }

  private void failed(Throwable failure) {
    if (!stopped) {
      metrics.cleanUpFailed();
      LOG.warn("clean-up failed and will be tried again: {}", failure.getMessage());
    }
    again(pause());
  }

  private void again(long millis) {
    if (!stopped) {
      timer = vertx.setTimer(millis, fired -> start());
    }
  }

  /** Deletes one chunk; completes with how many events went. */
  private Future<Long> chunk() {
    long upTo = floor.getAsLong();
    if (upTo <= cleaned) {
      return Future.succeededFuture(0L);
    }
    return database
        .preparedQuery(delete)
        .execute(Tuple.of(cleaned, upTo, config.retention().toMillis(), CHUNK))
        .map(
            rows -> {
              var row = rows.iterator().next();
              cleaned = row.getLong(2);
              return row.getLong(0);
            });
  }
}

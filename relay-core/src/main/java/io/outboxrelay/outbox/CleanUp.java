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
 * <p>Deletes in chunks, by ranges of the sequence number, and only up to the floor. No event can
 * commit late there, so a cleaned range stays clean. The reader never scans below the floor, so
 * deleted rows do not slow it down, however late vacuum removes them.
 *
 * <p>Events that a requested or running replay has still to publish are kept.
 */
public final class CleanUp {
  private static final Logger LOG = LoggerFactory.getLogger(CleanUp.class);
  private static final int CHUNK = 2000;

  /**
   * An event that a replay has still to publish stays until the replay has passed it or has ended.
   */
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

  /**
   * Deletes the notes of discarded events that are older than the retention, if the event itself is
   * gone.
   */
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
   * Creates the clean-up; it does nothing until {@link #start}.
   *
   * @param share the shard in which to delete events
   * @param metrics counts the deleted events
   * @param floor the sequence number up to which everything is confirmed and no new event can
   *     appear
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

  /** Only the first shard deletes the notes, on behalf of all shards. */
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

  /** Deletes one chunk; completes with the number of deleted events. */
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

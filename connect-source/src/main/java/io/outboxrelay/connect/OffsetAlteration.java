package io.outboxrelay.connect;

import io.outboxrelay.database.Database;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.window.DatabaseHistory;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Applies offsets that an operator has altered. All offsets are verified before the first one is
 * applied.
 *
 * <p>The checkpoint in the database and the account of delivered events are changed together, so
 * that an event that is published again is not counted twice.
 */
final class OffsetAlteration {
  private final Vertx vertx;
  private final Database database;
  private final ConnectorConfig config;

  /** An altered offset of one shard. */
  private record Altered(ShardKey share, ShardOffset offset) {}

  OffsetAlteration(Vertx vertx, ConnectorConfig config) {
    this.vertx = vertx;
    this.database = Database.create(vertx, config.database());
    this.config = config;
  }

  private OutboxNames names() {
    return config.relay().outbox().names();
  }

  /**
   * Applies all offsets. An offset that is null is skipped, because it only resets the offset that
   * Connect stores. Fails with a {@link ConnectException} that names all mistakes.
   */
  Future<Void> apply(Map<Map<String, ?>, Map<String, ?>> offsets) {
    if (offsets.values().stream().allMatch(java.util.Objects::isNull)) {
      return Future.succeededFuture();
    }
    return on(connection ->
            OutboxTable.verify(connection, names())
                .compose(verified -> ShardLayout.read(connection, names()))
                .compose(
                    layout ->
                        DatabaseHistory.read(connection)
                            .map(history -> verified(offsets, layout.inForce(), history))))
        .compose(this::applyAll);
  }

  private <T> Future<T> on(Function<PgConnection, Future<T>> work) {
    return database
        .connect()
        .compose(connection -> work.apply(connection).eventually(() -> database.close(connection)));
  }

  private List<Altered> verified(
      Map<Map<String, ?>, Map<String, ?>> offsets, int shards, String history) {
    var known = new HashMap<Map<String, ?>, ShardKey>();
    for (int shard = 0; shard < shards; shard++) {
      var share = new ShardKey(shard, shards);
      known.put(SourcePartition.of(names(), share), share);
    }
    var altered = new ArrayList<Altered>();
    var mistakes = new ArrayList<String>();
    offsets.forEach(
        (partition, offset) -> {
          var share = known.get(partition);
          if (offset == null) {
            return;
          }
          if (share == null) {
            mistakes.add(partition + " is not a shard; the shards are " + known.keySet());
            return;
          }
          try {
            var parsed = ShardOffset.of(offset);
            if (!parsed.history().equals(history)) {
              mistakes.add(partition + ": the history of this database is " + history + " by now");
            }
            altered.add(new Altered(share, parsed));
          } catch (ShardOffset.NonsenseException e) {
            mistakes.add(partition + ": " + e.getMessage());
          }
        });
    if (!mistakes.isEmpty()) {
      throw new ConnectException("the offsets cannot be altered: " + String.join("; ", mistakes));
    }
    return altered;
  }

  private Future<Void> applyAll(List<Altered> all) {
    Future<Void> done = Future.succeededFuture();
    for (var altered : all) {
      done = done.compose(before -> on(connection -> apply(connection, altered)));
    }
    return done;
  }

  private Future<Void> apply(PgConnection connection, Altered altered) {
    var site =
        new ShardSite(
            vertx,
            database,
            config,
            altered.share,
            new SecureRandom().nextInt(OutboxNames.MOST_RELAYS));
    return new ShardLease(site, connection, Duration.ZERO)
        .acquire()
        .compose(
            leased ->
                TableSource.move(
                    connection, site.owner(), names(), altered.share, altered.offset.checkpoint()));
  }
}

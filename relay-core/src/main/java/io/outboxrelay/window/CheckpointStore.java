package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes one shard's checkpoint in the database.
 *
 * <p>Every owner writes under an epoch of its own. A write of a former owner fails, because it
 * carries an older epoch.
 */
final class CheckpointStore {
  private static final String CLAIM =
      """
      update %s
      set epoch = epoch + 1, owner = $2, config_fingerprint = $4, updated_at = now()
      where shard = $1 and shards = $3
      returning epoch, settled::text, top, floor, fence::text::bigint, open_window::text, position
      """;

  private static final String STORE =
      """
      update %s
      set settled = $3::text::pg_snapshot, top = $4, floor = $5, fence = $6::text::xid8,
          open_window = $7::text::pg_snapshot, position = $8, updated_at = now()
      where shard = $1 and epoch = $2
      """;

  private final SqlConnection connection;
  private final OutboxNames names;
  private final ShardKey share;
  private long epoch;

  CheckpointStore(SqlConnection connection, OutboxNames names, ShardKey share) {
    this.connection = connection;
    this.names = names;
    this.share = share;
  }

  /** Returns the epoch that {@link #claim} began; 0 before that. */
  long epoch() {
    return epoch;
  }

  OwnerEpoch owner() {
    return new OwnerEpoch(share.shard(), epoch);
  }

  /** Takes over the shard: begins a new epoch and completes with the stored checkpoint. */
  Future<Checkpoint> claim(String owner, String configFingerprint) {
    return connection
        .preparedQuery(CLAIM.formatted(names.checkpoint()))
        .execute(Tuple.of(share.shard(), owner, share.of(), configFingerprint))
        .map(
            rows -> {
              if (rows.size() == 0) {
                throw new IllegalStateException(
                    names.checkpoint() + " has no row for " + share + " any more");
              }
              var row = rows.iterator().next();
              epoch = row.getLong(0);
              return checkpoint(row);
            });
  }

  private static Checkpoint checkpoint(Row row) {
    return new Checkpoint(
        row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4), window(row));
  }

  private static Checkpoint.@Nullable OpenWindow window(Row row) {
    String snapshot = row.getString(5);
    return snapshot == null ? null : new Checkpoint.OpenWindow(snapshot, row.getLong(6));
  }

  /** Stores a checkpoint. Fails if another owner has begun a new epoch. */
  Future<Void> store(Checkpoint checkpoint) {
    var open = checkpoint.open();
    var values =
        Tuple.of(
            share.shard(),
            epoch,
            checkpoint.settled(),
            checkpoint.top(),
            checkpoint.floor(),
            Long.toString(checkpoint.fence()));
    values.addValue(open == null ? null : open.snapshot());
    values.addValue(open == null ? null : open.position());
    return connection
        .preparedQuery(STORE.formatted(names.checkpoint()))
        .execute(values)
        .compose(
            result ->
                result.rowCount() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        "another relay has taken over " + share + " since epoch " + epoch));
  }

  /** Stores a checkpoint and completes once a crash of the server cannot lose it. */
  Future<Void> storeDurably(Checkpoint checkpoint) {
    return connection
        .query("set synchronous_commit = on")
        .execute()
        .compose(set -> store(checkpoint));
  }
}

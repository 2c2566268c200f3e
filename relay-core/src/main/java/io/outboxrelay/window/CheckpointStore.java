package io.outboxrelay.window;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.page.EventPage;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
      returning epoch, settled::text, top, floor, fence::text::bigint, open_window::text, position,
                partial_xid::text::bigint, partial_rows, partial_last
      """;

  /**
   * Moves the account of the delivered events in the statement that moves the checkpoint, so both
   * move or neither does: not if a later epoch has begun, and not if the server crashes.
   */
  private static final String STORE =
      """
      with moved as (
        update %1$s
        set settled = $3::text::pg_snapshot, top = $4, floor = $5, fence = $6::text::xid8,
            open_window = $7::text::pg_snapshot, position = $8,
            partial_xid = $12::text::xid8, partial_rows = $13, partial_last = $14,
            updated_at = now()
        where shard = $1 and epoch = $2
        returning 1
      ), counted as (
        insert into %2$s as account (shard, range, events, digest)
        select $1, range, sum(events), sum(digest)
        from moved, unnest($9::bigint[], $10::bigint[], $11::bigint[])
          as delivered (range, events, digest)
        group by range
        on conflict (range, shard) do update
          set events = account.events + excluded.events, digest = account.digest + excluded.digest
      )
      select count(*) from moved
      """;

  private final SqlConnection connection;
  private final OutboxNames names;
  private final ShardKey share;

  /** The accounts of the pages that were read and are not stored yet, in their order. */
  private final ArrayDeque<Delivery> unstored = new ArrayDeque<>();

  private Future<Void> lastWrite = Future.succeededFuture();
  private long epoch;

  /** The account of a page, which counts once a checkpoint at or behind its position is stored. */
  private record Delivery(ReadPosition position, PageAccount account) {}

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
        row.getString(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        window(row),
        partial(row));
  }

  private static Checkpoint.@Nullable OpenWindow window(Row row) {
    String snapshot = row.getString(5);
    return snapshot == null ? null : new Checkpoint.OpenWindow(snapshot, row.getLong(6));
  }

  private static @Nullable PartialTransaction partial(Row row) {
    Long xid = row.getLong(7);
    return xid == null ? null : new PartialTransaction(xid, row.getLong(8), row.getLong(9));
  }

  /**
   * Notes a page that was read, also an empty one; its events count once its position, or a later
   * one, is stored. Every page must be noted in its order, and {@link #store} must be given the
   * position object of a page, because that is how the pages up to it are recognised.
   */
  void read(EventPage<? extends ReadPosition> page) {
    unstored.add(new Delivery(page.position(), PageAccount.of(page.events())));
  }

  /**
   * Stores a checkpoint, and adds the events of the pages up to it to the account. Fails if another
   * owner has begun a new epoch.
   *
   * <p>Waits for the write before: if that fails, its events are in no account, so no later
   * checkpoint may be stored.
   */
  Future<Void> store(ReadPosition position) {
    lastWrite = lastWrite.compose(written -> write(position));
    return lastWrite;
  }

  private Future<Void> write(ReadPosition position) {
    var checkpoint = position.checkpoint();
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
    addDelivered(values, position);
    var partial = checkpoint.partial();
    values.addValue(partial == null ? null : Long.toString(partial.xid()));
    values.addValue(partial == null ? null : partial.rows());
    values.addValue(partial == null ? null : partial.last());
    return connection
        .preparedQuery(STORE.formatted(names.checkpoint(), names.account()))
        .execute(values)
        .compose(
            rows ->
                rows.iterator().next().getLong(0) == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        "another relay has taken over " + share + " since epoch " + epoch));
  }

  @SuppressWarnings("ReferenceEquality") // see read(): a page is recognised by its position object
  private void addDelivered(Tuple values, ReadPosition upTo) {
    List<Long> ranges = new ArrayList<>();
    List<Long> events = new ArrayList<>();
    List<Long> digests = new ArrayList<>();
    if (unstored.stream().anyMatch(delivery -> delivery.position == upTo)) {
      Delivery delivery;
      do {
        delivery = unstored.remove();
        delivery.account.appendTo(ranges, events, digests);
      } while (delivery.position != upTo);
    }
    values.addArrayOfLong(ranges.toArray(Long[]::new));
    values.addArrayOfLong(events.toArray(Long[]::new));
    values.addArrayOfLong(digests.toArray(Long[]::new));
  }

  /** Stores a checkpoint and completes once a crash of the server cannot lose it. */
  Future<Void> storeDurably(ReadPosition position) {
    return connection
        .query("set synchronous_commit = on")
        .execute()
        .compose(set -> store(position));
  }
}

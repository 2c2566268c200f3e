package io.outboxrelay.window;

import io.outboxrelay.account.AccountTransfer;
import io.outboxrelay.account.PageAccount;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.outboxrelay.page.EventPage;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
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
                partial_xid::text::bigint, partial_rows, partial_last,
                partial_ranges, partial_events, partial_digests,
                log_slot, log_publication, log_position
      """;

  /**
   * Stores a checkpoint, and adds the delivered events to the account, in one statement. Either
   * both are changed or neither, even if the server crashes. If a later epoch has begun, nothing is
   * changed.
   */
  private static final String STORE =
      """
      with moved as (
        update %1$s
        set settled = $3::text::pg_snapshot, top = $4, floor = $5, fence = $6::text::xid8,
            open_window = $7::text::pg_snapshot, position = $8,
            partial_xid = $12::text::xid8, partial_rows = $13, partial_last = $14,
            partial_ranges = $15, partial_events = $16, partial_digests = $17,
            log_slot = $18, log_publication = $19, log_position = $20,
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

  /**
   * Moves the checkpoint to a position that was stored elsewhere, and adjusts the account to that
   * position. If the old checkpoint holds a partial transaction, all rows of that transaction will
   * be delivered again. The rows that the account has already counted are therefore subtracted.
   */
  private static final String MOVE =
      """
      with before as (
        select settled, top, floor, open_window, position, partial_xid, partial_last,
               partial_ranges, partial_events, partial_digests
        from %1$s where shard = $1 and epoch = $2
      ), target as (
        select $3::text::pg_snapshot as settled, $4::bigint as top, $5::bigint as floor,
               $7::text::pg_snapshot as open_window, $8::bigint as position,
               null::xid8 as partial_xid, null::bigint as partial_last
      ), moved as (
        update %1$s
        set settled = $3::text::pg_snapshot, top = $4, floor = $5, fence = $6::text::xid8,
            open_window = $7::text::pg_snapshot, position = $8,
            partial_xid = null, partial_rows = null, partial_last = null,
            partial_ranges = '{}', partial_events = '{}', partial_digests = '{}',
            log_slot = $9, log_publication = $10, log_position = $11,
            updated_at = now()
        where shard = $1 and epoch = $2
        returning 1
      ), counted as (
        insert into %2$s as account (shard, range, events, digest)
        select $1, range, sum(events), sum(digest)
        from moved, (
          %3$s
          union all
          select part.range, -part.events, -part.digest
          from before, unnest(before.partial_ranges, before.partial_events, before.partial_digests)
            as part (range, events, digest)
          where %4$s
        ) difference
        group by range
        on conflict (range, shard) do update
          set events = account.events + excluded.events, digest = account.digest + excluded.digest
      )
      select count(*) from moved
      """;

  private final SqlConnection connection;
  private final OutboxNames names;
  private final String storing;
  private final ShardKey share;

  /**
   * The accounts of the pages that were read, as long as their positions are not stored; in reading
   * order.
   */
  private final ArrayDeque<Delivery> unstored = new ArrayDeque<>();

  /**
   * How far the checkpoints cover the log; stored with each checkpoint. Null if they do not cover
   * the log.
   */
  private @Nullable LogMark mark;

  /**
   * The mark that replaces {@link #mark} with the next checkpoint that is a position in the log;
   * null if no replacement is due.
   */
  private @Nullable LogMark nextMark;

  private Future<Void> lastWrite = Future.succeededFuture();
  private long epoch;

  /**
   * The account of a page. It is added to the stored account with the first checkpoint that is at
   * the page's position or at that of a later page.
   *
   * @param position the page's position; null if the account is to be stored together with that of
   *     the next page
   */
  private record Delivery(@Nullable ReadPosition position, PageAccount account) {}

  CheckpointStore(SqlConnection connection, OutboxNames names, ShardKey share) {
    this.connection = connection;
    this.names = names;
    this.storing = STORE.formatted(names.checkpoint(), names.account());
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
                throw deleted();
              }
              var row = rows.iterator().next();
              epoch = row.getLong(0);
              mark = mark(row);
              return checkpoint(row);
            });
  }

  /**
   * Takes over the shard as {@link #claim} does, computes the start position from the stored
   * checkpoint, and completes with that position. If the position differs from the checkpoint, the
   * checkpoint is first moved to that position. Fails and moves nothing if the outbox contradicts
   * the position.
   *
   * @param start returns the position for the stored checkpoint; the position must not lie within a
   *     transaction
   */
  Future<Checkpoint> claimAt(TableSource.Owner owner, UnaryOperator<Checkpoint> start) {
    return claim(owner.name(), owner.configFingerprint())
        .compose(
            stored -> {
              var from = start.apply(stored);
              return RestoredDatabaseCheck.verify(connection, names, share.shard(), from)
                  .compose(
                      verified ->
                          from.equals(stored) ? Future.succeededFuture() : move(stored, from))
                  .map(from);
            });
  }

  private Future<Void> move(Checkpoint stored, Checkpoint to) {
    if (!stored.isBehind(to)) {
      // The checkpoint moves back to a position before the mark. The log is read only from the mark
      // on, so it does not contain the events between the two positions.
      unmark();
    }
    var values = Tuple.of(share.shard(), epoch);
    addCheckpoint(values, to);
    addMark(values);
    return connection
        .preparedQuery(
            MOVE.formatted(
                names.checkpoint(),
                names.account(),
                AccountTransfer.sql(names, share),
                UnconfirmedEvents.countsPart("before")))
        .execute(values)
        .compose(this::wroteOne);
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

  private static @Nullable LogMark mark(Row row) {
    String slot = row.getString(13);
    return slot == null ? null : new LogMark(slot, row.getString(14), row.getLong(15));
  }

  private static @Nullable PartialTransaction partial(Row row) {
    Long xid = row.getLong(7);
    return xid == null
        ? null
        : new PartialTransaction(
            xid,
            row.getLong(8),
            row.getLong(9),
            PageAccount.of(
                row.getArrayOfLongs(10), row.getArrayOfLongs(11), row.getArrayOfLongs(12)));
  }

  /**
   * Notes a page that was read. Its events are added to the account when its position, or that of a
   * later page, is stored. The caller must note every page, even an empty one, in the order of
   * reading. It must then pass the same position object to {@link #store}, which finds the page by
   * the identity of that object.
   */
  void read(EventPage<? extends ReadPosition> page) {
    var account = PageAccount.of(page.events());
    unstored.add(
        new Delivery(
            page.position(),
            page.position() instanceof LoggedPosition logged
                ? account.plus(logged.withdrawn())
                : account));
  }

  /** Returns how far the stored checkpoints cover the log; null if they do not cover it. */
  @Nullable LogMark mark() {
    return mark;
  }

  /**
   * From now on, stores a {@link LogMark} with each checkpoint that is a position in the log. The
   * first such checkpoint has a mark, and so have all later ones. Earlier checkpoints come from the
   * table, and say nothing about the slot.
   */
  void markFromNowOn(String slot, String publication) {
    nextMark = new LogMark(slot, publication, 0);
  }

  /**
   * Ends the storing of a {@link LogMark} with checkpoints. Must be called if the slot does not
   * hold all events after the next checkpoint.
   */
  void unmark() {
    mark = null;
    nextMark = null;
  }

  private void moveMark(ReadPosition position) {
    if (position instanceof LoggedPosition logged) {
      var next = nextMark;
      nextMark = null;
      var moved = next == null ? mark : next;
      mark = moved == null ? null : moved.at(logged.log());
    }
  }

  /**
   * Subtracts these events from the account with the next page, because the pages that are read
   * from now on contain the events again.
   */
  void readAgain(PageAccount account) {
    unstored.add(new Delivery(null, account.negated()));
  }

  /**
   * Stores a checkpoint, and adds the events of the pages up to it to the account. Fails if another
   * owner has begun a new epoch.
   *
   * <p>Waits for the previous call. If the previous call fails, this call fails as well, because a
   * later checkpoint would confirm events that no account counts.
   */
  Future<Void> store(ReadPosition position) {
    lastWrite = lastWrite.compose(written -> write(position));
    return lastWrite;
  }

  private Future<Void> write(ReadPosition position) {
    var checkpoint = position.checkpoint();
    var values = Tuple.of(share.shard(), epoch);
    addCheckpoint(values, checkpoint);
    addDelivered(values, position);
    addPartial(values, checkpoint);
    moveMark(position);
    addMark(values);
    return connection.preparedQuery(storing).execute(values).compose(this::wroteOne);
  }

  private Future<Void> wroteOne(RowSet<Row> rows) {
    return rows.iterator().next().getLong(0) == 1
        ? Future.succeededFuture()
        : connection
            .preparedQuery("select epoch from " + names.checkpoint() + " where shard = $1")
            .execute(Tuple.of(share.shard()))
            .compose(
                found -> {
                  if (found.size() == 0) {
                    return Future.failedFuture(deleted());
                  }
                  Long now = found.iterator().next().getLong(0);
                  return Future.failedFuture(
                      new OwnerEpoch.NotCurrentException(
                          now != null && now > epoch
                              ? "another relay has taken over " + share + " since epoch " + epoch
                              : "the row of %s in %s was changed by another session: its epoch is %d, and %d was expected"
                                  .formatted(share, names.checkpoint(), now, epoch)));
                });
  }

  private OutboxTable.IncompleteException deleted() {
    return OutboxTable.IncompleteException.ofCheckpoint(names, share.shard());
  }

  private static void addCheckpoint(Tuple values, Checkpoint checkpoint) {
    var open = checkpoint.open();
    values.addValue(checkpoint.settled());
    values.addValue(checkpoint.top());
    values.addValue(checkpoint.floor());
    values.addValue(Long.toString(checkpoint.fence()));
    values.addValue(open == null ? null : open.snapshot());
    values.addValue(open == null ? null : open.position());
  }

  private void addMark(Tuple values) {
    var covered = mark;
    values.addValue(covered == null ? null : covered.slot());
    values.addValue(covered == null ? null : covered.publication());
    values.addValue(covered == null ? null : covered.position());
  }

  private static void addPartial(Tuple values, Checkpoint checkpoint) {
    var partial = checkpoint.partial();
    values.addValue(partial == null ? null : Long.toString(partial.xid()));
    values.addValue(partial == null ? null : partial.rows());
    values.addValue(partial == null ? null : partial.last());
    addAccount(values, partial);
  }

  private static void addAccount(Tuple values, @Nullable PartialTransaction partial) {
    List<Long> ranges = new ArrayList<>();
    List<Long> events = new ArrayList<>();
    List<Long> digests = new ArrayList<>();
    if (partial != null) {
      partial.account().appendTo(ranges, events, digests);
    }
    addArrays(values, ranges, events, digests);
  }

  private static void addArrays(
      Tuple values, List<Long> ranges, List<Long> events, List<Long> digests) {
    values.addArrayOfLong(ranges.toArray(Long[]::new));
    values.addArrayOfLong(events.toArray(Long[]::new));
    values.addArrayOfLong(digests.toArray(Long[]::new));
  }

  @SuppressWarnings("ReferenceEquality") // see read(): a page is found by its position object
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
    addArrays(values, ranges, events, digests);
  }

  /** Stores a checkpoint and completes once a crash of the server cannot lose it. */
  Future<Void> storeDurably(ReadPosition position) {
    return connection
        .query("set synchronous_commit = on")
        .execute()
        .compose(set -> store(position));
  }
}

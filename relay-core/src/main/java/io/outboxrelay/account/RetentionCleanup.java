package io.outboxrelay.account;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes confirmed events once they are older than the retention.
 *
 * <p>Deletes one range of sequence numbers after another, and only events at or below the floor. No
 * event can be committed late there, so a cleaned range stays clean. The reader never scans below
 * the floor, so deleted rows do not slow it down, however late vacuum removes them.
 *
 * <p>The statement that deletes events of a range first compares the range with the account. If
 * they differ, it notes the difference and deletes nothing of that range, and the clean-up
 * continues with the next one.
 *
 * <p>Events that a requested or running replay has not yet published are kept.
 */
public final class RetentionCleanup extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(RetentionCleanup.class);
  private static final int CHUNK = 2000;

  /**
   * The most ranges that are skipped because they differ from the account. It is limited because
   * every pass compares each skipped range again. If a further range differs, the clean-up does not
   * continue after it until an operator has accepted some differences.
   */
  private static final int MOST_SKIPPED = 1000;

  /**
   * Deletes the expired events of one range, unless the range differs from the account. An event
   * that a replay has not yet published stays until the replay has published it or has ended.
   * Deleted events are subtracted from the account. If other sessions have deleted all events of a
   * range, its account is set to zero, because there is nothing left to compare it with.
   */
  private static final String DELETE =
      """
      with standing as materialized (%1$s), found as materialized (%2$s), chunk as materialized (
        select seq, created_at < now() - $3 * interval '1 ms' and not exists (
                 select from %4$s
                 where state in ('requested', 'running') and seq > position and seq <= top) as expired
        from standing
        where shard = %5$d and due and seq <= floor
      ), gone as (
        delete from %3$s event
        where %14$s >= $1 and %14$s <= $2 and %14$s in (select seq from chunk where expired)
          and not exists (select from found where %6$s)
        returning %7$s as hash
      ), vanished as (
        select delivered, digest from found where present = 0 and (delivered <> 0 or digest <> 0)
      ), left_account as (
        insert into %8$s as account (shard, range, events, digest)
        select %5$d, $1::bigint >> %9$d, -sum(events), sum(digest)
        from (select 1 as events, -hash as digest from gone
              union all select delivered, digest from vanished) leaving
        having count(*) > 0
        on conflict (range, shard) do update
          set events = account.events + excluded.events, digest = account.digest + excluded.digest
      ), noted as (%10$s), cleared as (%11$s)
      select (select count(*) from gone),
             (select count(*) from standing where shard = %5$d),
             (select floor from %12$s where shard = %5$d),
             exists (select from found where %6$s),
             (select sum(delivered)::bigint from vanished),
             (%13$s)
      """;

  /**
   * Reads the number of the next range to clean: the lowest range that has an event above the given
   * sequence number, or that follows the number's range and has a row in the account.
   */
  private static final String NEXT =
      "select least((select min(seq) >> %3$d from %1$s where seq > $%4$d),"
          + " (select min(range) from %2$s where range > $%4$d::bigint >> %3$d))";

  /**
   * Deletes the notes of discarded events that are older than the retention, if the event itself is
   * gone.
   */
  private static final String FORGET_DISCARDS =
      """
      delete from %1$s where seq in (
        select seq from %1$s gone
        where discarded_at < now() - $1 * interval '1 ms'
          and not exists (select from %2$s where event.seq = gone.seq)
        limit $2)
      """;

  /**
   * Deletes the account rows of ranges of which all events are deleted. If another session changes
   * such a row meanwhile, the row no longer has the compared values, and stays.
   */
  private static final String FORGET_ACCOUNTS =
      """
      delete from %1$s account
      using %1$s same, (select range from %1$s where range < $1 group by range
                        having sum(events) = 0 and sum(digest) = 0 limit $2) settled
      where same.range = settled.range and account.range = same.range
        and account.shard = same.shard
        and account.events = same.events and account.digest = same.digest
      """;

  private final Vertx vertx;
  private final SqlClient database;
  private final OutboxConfig config;
  private final String delete;
  private final String next;
  private final String forgetDiscards;
  private final String forgetAccounts;
  private final int shard;
  private final ShardMetrics metrics;
  private final LongSupplier floor;
  private final TreeSet<Long> skipped = new TreeSet<>();
  private final ArrayDeque<Long> revisited = new ArrayDeque<>();

  /** The range to clean next; null until the lowest range was looked up. */
  private @Nullable Long cursor;

  private long timer = -1;

  /**
   * Creates the clean-up; it does nothing until it is started.
   *
   * @param share the shard in which to delete events
   * @param metrics counts the deleted events
   * @param floor returns the sequence number up to which all events are confirmed and no new event
   *     can appear
   */
  public RetentionCleanup(
      Vertx vertx,
      SqlClient database,
      OutboxConfig config,
      ShardKey share,
      ShardMetrics metrics,
      LongSupplier floor) {
    this.vertx = vertx;
    var names = config.names();
    this.delete =
        DELETE.formatted(
            AccountComparison.standing(names),
            AccountComparison.found(names),
            names.outbox(),
            names.replays(),
            share.shard(),
            AccountComparison.DIFFERS,
            EventHash.stored(names, "event."),
            names.account(),
            AccountRange.BITS,
            AccountComparison.noted(names),
            AccountComparison.cleared(names),
            names.checkpoint(),
            next(names, 2),
            names.columns().sql(OutboxColumn.SEQ));
    this.next = next(names, 1);
    this.forgetDiscards = FORGET_DISCARDS.formatted(names.discarded(), names.events("event"));
    this.forgetAccounts = FORGET_ACCOUNTS.formatted(names.account());
    this.shard = share.shard();
    this.database = database;
    this.config = config;
    this.metrics = metrics;
    this.floor = floor;
  }

  private static String next(OutboxNames names, int parameter) {
    return NEXT.formatted(names.events(), names.account(), AccountRange.BITS, parameter);
  }

  /** Cleans now and at every interval. */
  @Override
  protected Future<Void> startNow() {
    begin();
    return Future.succeededFuture();
  }

  private void begin() {
    revisited.clear();
    revisited.addAll(skipped);
    pass();
  }

  /**
   * Cleans one range after another. Each range is cleaned by a timer of its own, so that the chain
   * of futures does not grow.
   */
  private void pass() {
    step()
        .onComplete(
            goesOn -> {
              if (goesOn) {
                after(1, this::pass);
              } else {
                forget().onComplete(forgotten -> after(pause(), this::begin), this::failed);
              }
            },
            this::failed);
  }

  /** Cleans one range; completes with false if nothing more can be cleaned in this pass. */
  private Future<Boolean> step() {
    long upTo = floor.getAsLong();
    if (upTo == Long.MIN_VALUE) {
      return Future.succeededFuture(false);
    }
    var again = revisited.poll();
    if (again != null) {
      return clean(again).map(result -> revisited(again, result));
    }
    var range = cursor;
    if (range == null) {
      return database
          .preparedQuery(next)
          .execute(Tuple.of(Long.MIN_VALUE))
          .map(rows -> found(rows.iterator().next().getLong(0)));
    }
    return AccountRange.first(range) > upTo
        ? Future.succeededFuture(false)
        : clean(range).map(result -> cleaned(range, result));
  }

  private boolean found(@Nullable Long lowest) {
    cursor = lowest;
    return lowest != null;
  }

  private record Result(
      long deleted, long kept, long floor, boolean differs, long vanished, @Nullable Long next) {}

  private Future<Result> clean(long range) {
    return database
        .preparedQuery(delete)
        .execute(
            Tuple.of(
                AccountRange.first(range), AccountRange.last(range), config.retention().toMillis()))
        .map(rows -> result(rows.iterator().next()))
        .onSuccess(result -> report(range, result));
  }

  private Result result(Row row) {
    var vanished = row.getLong(4);
    Long floor = row.getLong(2);
    if (floor == null) {
      throw OutboxTable.IncompleteException.ofCheckpoint(config.names(), shard);
    }
    return new Result(
        row.getLong(0),
        row.getLong(1) - row.getLong(0),
        floor,
        row.getBoolean(3),
        vanished == null ? 0 : vanished,
        row.getLong(5));
  }

  private void report(long range, Result result) {
    metrics.cleanedUp(result.deleted);
    if (result.vanished > 0) {
      LOG.warn(
          "another session has deleted {} from {} after the delivery, with sequence numbers between"
              + " {} and {}. The account of the deliveries no longer counts these events",
          CountFormat.of(result.vanished, "event"),
          config.names().outbox(),
          AccountRange.first(range),
          AccountRange.last(range));
    }
  }

  private boolean revisited(long range, Result result) {
    if (!result.differs) {
      // The expired events of the range were just deleted. A later pass deletes the others once
      // they expire.
      skipped.remove(range);
      if (result.kept > 0) {
        cursor = cursor == null ? range : Math.min(cursor, range);
      }
    }
    return true;
  }

  /**
   * Moves the cursor to the next range, if the cleaned range holds no more events of this shard, or
   * if it differs from the account. Returns false if the pass ends with this range.
   */
  private boolean cleaned(long range, Result result) {
    if (AccountRange.last(range) > result.floor) {
      return false;
    }
    if (result.differs) {
      if (skipped.size() >= MOST_SKIPPED) {
        return false;
      }
      skipped.add(range);
    } else if (result.kept > 0) {
      return false;
    }
    if (result.next != null) {
      cursor = result.next;
    }
    return result.next != null;
  }

  /**
   * Deletes the notes of discarded events and the accounts of emptied ranges. Only shard 0 does
   * this, for all shards.
   */
  private Future<?> forget() {
    var upTo = cursor == null ? Long.MIN_VALUE : cursor;
    return shard == 0
        ? database
            .preparedQuery(forgetDiscards)
            .execute(Tuple.of(config.retention().toMillis(), CHUNK))
            .compose(done -> database.preparedQuery(forgetAccounts).execute(Tuple.of(upTo, CHUNK)))
        : Future.succeededFuture();
  }

  /**
   * Ends the clean-up. It continues while the pump drains, because it deletes only confirmed
   * events.
   */
  @Override
  protected Future<Void> stopNow() {
    vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }

  private long pause() {
    return config.cleanUpInterval().toMillis();
  }

  private void failed(Throwable failure) {
    if (!isStopped()) {
      metrics.cleanUpFailed();
      LOG.warn("clean-up failed and will be tried again: {}", failure.getMessage());
    }
    after(pause(), this::begin);
  }

  private void after(long millis, Runnable action) {
    if (!isStopped()) {
      timer = vertx.setTimer(millis, fired -> action.run());
    }
  }
}

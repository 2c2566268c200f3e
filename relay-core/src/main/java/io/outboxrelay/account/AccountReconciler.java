package io.outboxrelay.account;

import io.outboxrelay.lifecycle.NotifiedPoller;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares each range of sequence numbers with the account once, soon after the range is full, so
 * that a loss is logged long before the clean-up reaches the range.
 *
 * <p>A range is compared once all transactions that can have taken a sequence number of the range
 * have ended. If such a transaction stays open for more than a minute, the range is compared early,
 * and again after the transaction has ended.
 *
 * <p>Only the owner of shard 0 runs a reconciler, for all shards.
 */
public final class AccountReconciler extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(AccountReconciler.class);

  /** The number of ranges that one statement compares, which takes some tens of milliseconds. */
  private static final int AT_ONCE = 16;

  private static final Duration EARLY_AFTER = Duration.ofSeconds(60);

  private static final int MOST_MARKS = 1000;

  /**
   * Reads three values: the sequence's last number, the id of the oldest running transaction, and
   * the lowest range that is not compared yet but has rows in the outbox or in the account.
   */
  private static final String LOOK =
      """
      select last_value - (not is_called)::int,
             pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
             greatest(compared, least(
               (select min(seq) >> %4$d from %3$s where seq >= compared << %4$d),
               (select min(range) from %5$s where range >= compared)))
      from %2$s, (select greatest(compared, $1) as compared from %1$s where shard = 0) checkpoint
      """;

  /**
   * Takes a transaction id, which serves as a fence. Executed only if the sequence has filled a
   * range since the last fence.
   */
  private static final String FENCE = "select pg_current_xact_id()::text::bigint";

  private static final String COMPARE =
      """
      with standing as materialized (%1$s), found as materialized (%2$s),
      noted as (%3$s), cleared as (%4$s)
      select (select min(range) from found where open > 0)
      """;

  private static final String NOTE =
      "update %s set compared = greatest(compared, $1) where shard = 0";

  private final Vertx vertx;
  private final SqlClient database;
  private final OutboxNames names;
  private final Duration interval;
  private final Duration earlyAfter;
  private final String look;
  private final String compare;
  private final String note;
  private final DifferenceLog log;
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();

  /**
   * All ranges below this one need no further comparison: each was compared after every transaction
   * that could write into it had ended.
   */
  private long compared = Long.MIN_VALUE;

  /** All ranges below this one are settled: no transaction can write into them any more. */
  private long settled = Long.MIN_VALUE;

  /**
   * All ranges below this one were compared at least once. Some of them were compared early,
   * because a transaction stays open.
   */
  private long early = Long.MIN_VALUE;

  /** All ranges below this one are full: the sequence has given out all of their numbers. */
  private long full = Long.MIN_VALUE;

  private final NotifiedPoller poller;

  /**
   * A fence that was taken after some ranges had become full.
   *
   * @param upTo all ranges below this one are full
   * @param xid no transaction with this id or a higher one has a sequence number in those ranges
   * @param nanos the time at which the fence was taken
   */
  private record Mark(long upTo, long xid, long nanos) {}

  /** Creates the reconciler; it does nothing until it is started. */
  public AccountReconciler(Vertx vertx, SqlClient database, OutboxNames names, Duration interval) {
    this(vertx, database, names, interval, EARLY_AFTER);
  }

  /**
   * Creates the reconciler with an explicit limit for long transactions.
   *
   * @param earlyAfter the time after which full ranges are compared early because a transaction
   *     stays open
   */
  AccountReconciler(
      Vertx vertx, SqlClient database, OutboxNames names, Duration interval, Duration earlyAfter) {
    this.earlyAfter = earlyAfter;
    this.vertx = vertx;
    this.database = database;
    this.names = names;
    this.interval = interval;
    this.poller = new NotifiedPoller(vertx, this::comparison, this::failed);
    this.look =
        LOOK.formatted(
            names.checkpoint(),
            names.sequence(),
            names.events(),
            AccountRange.BITS,
            names.account());
    this.compare =
        COMPARE.formatted(
            AccountComparison.standing(names),
            AccountComparison.found(names),
            AccountComparison.noted(names),
            AccountComparison.cleared(names));
    this.note = NOTE.formatted(names.checkpoint());
    this.log = new DifferenceLog(database, names);
  }

  /** Compares now and at every interval. */
  @Override
  protected Future<Void> startNow() {
    poller.look();
    return Future.succeededFuture();
  }

  /** Ends the comparisons. They continue while the pump drains, because they change no event. */
  @Override
  protected Future<Void> stopNow() {
    poller.stop();
    return Future.succeededFuture();
  }

  private Future<Duration> comparison() {
    return pass().compose(done -> log.tell()).map(told -> interval);
  }

  private Duration failed(Throwable failure) {
    LOG.warn(
        "the account of the delivered events could not be compared with the outbox and will be"
            + " tried again: {}",
        failure.getMessage());
    return interval;
  }

  private Future<Void> pass() {
    return database
        .preparedQuery(look)
        .execute(Tuple.of(compared))
        .map(this::only)
        .compose(row -> mark(row.getLong(0)).map(row))
        .compose(
            row -> {
              advance(row.getLong(1));
              var lowest = row.getLong(2);
              // If neither the outbox nor the account has rows in later ranges, nothing can differ
              // there.
              compared = lowest == null ? Math.max(compared, settled) : lowest;
              return settle().compose(done -> lookEarly());
            });
  }

  private Row only(RowSet<Row> rows) {
    if (rows.size() == 0) {
      throw OutboxTable.IncompleteException.ofCheckpoint(names, 0);
    }
    return rows.iterator().next();
  }

  /** If the sequence has filled further ranges, takes a fence for them. */
  private Future<Void> mark(long last) {
    long now = AccountRange.of(last + 1);
    if (now <= full) {
      return Future.succeededFuture();
    }
    return database
        .query(FENCE)
        .execute()
        .map(
            rows -> {
              full = now;
              if (marks.size() >= MOST_MARKS) {
                marks.removeLast();
              }
              marks.add(new Mark(now, rows.iterator().next().getLong(0), System.nanoTime()));
              return null;
            });
  }

  /**
   * Moves {@link #settled} up to the last fence at or below {@code xmin}, because every transaction
   * below {@code xmin} has ended.
   */
  private void advance(long xmin) {
    for (var mark = marks.peek(); mark != null && mark.xid <= xmin; mark = marks.peek()) {
      settled = Math.max(settled, mark.upTo);
      marks.remove();
    }
  }

  /** Compares the ranges into which no transaction can write any more. */
  private Future<Void> settle() {
    long from = compared;
    if (isStopped() || from >= settled) {
      return Future.succeededFuture();
    }
    long upTo = Math.min(settled, from + AT_ONCE);
    return compare(from, upTo)
        .compose(
            open -> {
              // The range "open" still has unpublished events, because their shard lags behind. It
              // is compared again later.
              compared = open == null ? upTo : open;
              return database.preparedQuery(note).execute(Tuple.of(compared)).map(open);
            })
        .compose(
            open ->
                open == null
                    ? database
                        .preparedQuery(look)
                        .execute(Tuple.of(compared))
                        .compose(rows -> skip(only(rows).getLong(2)))
                    : Future.succeededFuture());
  }

  private Future<Void> skip(@Nullable Long lowest) {
    compared = lowest == null ? Math.max(compared, settled) : lowest;
    Promise<Void> rested = Promise.promise();
    // A stop does not cancel this timer, because the promise must complete; settle() compares
    // nothing after a stop.
    vertx.setTimer(1, fired -> settle().onComplete(rested));
    return rested.future();
  }

  private Future<Void> lookEarly() {
    var oldest = marks.peek();
    early = Math.max(early, compared);
    if (isStopped()
        || oldest == null
        || System.nanoTime() - oldest.nanos <= earlyAfter.toNanos()
        || early >= oldest.upTo) {
      return Future.succeededFuture();
    }
    long upTo = Math.min(oldest.upTo, early + AT_ONCE);
    return compare(early, upTo).onSuccess(open -> early = upTo).mapEmpty();
  }

  /**
   * Compares the ranges from {@code from} to below {@code upTo}. Completes with the lowest compared
   * range that still has unpublished events; null if there is none.
   */
  private Future<@Nullable Long> compare(long from, long upTo) {
    return database
        .preparedQuery(compare)
        .execute(Tuple.of(AccountRange.first(from), AccountRange.last(upTo - 1)))
        .map(rows -> rows.iterator().next().getLong(0));
  }
}

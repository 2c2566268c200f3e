package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies events from the outbox to the dead letters, while this relay owns the shard.
 *
 * <p>Writes are batched: events that arrive during a write go with the next one, in order. The
 * methods may be called from any thread.
 *
 * <p>If the database refuses a batch because of its data, the batch is divided until the faulty
 * event is found. As much as possible of that event is stored. If nothing of it can be stored, it
 * stays in memory together with the later events of its aggregate, and they are tried again. All
 * other events are stored.
 */
public final class DeadLetterWriter {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);

  /**
   * Classes of SQLSTATE that concern the data and not the server: data exceptions, violated
   * constraints, exceeded program limits, errors raised by triggers, and internal errors such as a
   * value that can no longer be read.
   */
  private static final Set<String> OF_THE_DATA =
      Set.of("21", "22", "23", "38", "39", "44", "54", "P0", "XX");

  /**
   * Copies rows from the outbox to the dead letters inside the database, because the relay may not
   * be able to read an event that cannot be published.
   *
   * <p>The log can deliver a transaction before its rows are visible to this statement. If a row is
   * missing, no row is copied, because the dead letters must not hold a later event of an aggregate
   * without an earlier one. The transaction ids in the result tell if a missing row may still
   * become visible or was deleted.
   */
  private static final String INSERT =
      """
      with ours as (%3$s), missing as (
        select dead_seq from unnest($1::bigint[]) dead_seq
        where not exists (select from %1$s where seq = dead_seq)
          and not exists (select from %2$s known where known.seq = dead_seq)
      ), written as (
        insert into %2$s (seq, id, aggregate_type, aggregate_id, event_type, payload, headers, created_at,
                          state, reason, destination, attempts, tried_at, redelivery)
        select seq, id, %4$s, created_at,
               state, reason, nullif(destination, ''), attempts, case when attempts > 0 then now() end,
               redelivery
        from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[])
               as dead (dead_seq, state, reason, destination, attempts, redelivery)
        join %1$s on seq = dead_seq
        where exists (select from ours) and not exists (select from missing)
        on conflict (seq) do nothing
      )
      select (select coalesce(array_agg(dead_seq), '{}') from missing),
             pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
             pg_snapshot_xmax(pg_current_snapshot())::text::bigint
      from ours
      """;

  /** Waits for 20 ms. A transaction becomes visible some milliseconds after it is in the log. */
  private static final String PAUSE = "select pg_sleep(0.02)";

  /**
   * The maximum number of attempts to copy rows. With {@link #PAUSE} between them they take about
   * five seconds. Then the write fails, and the next term begins at the checkpoint and reads the
   * table first.
   */
  private static final int MOST_ATTEMPTS = 250;

  /**
   * An SQL expression for the aggregate id to store. It is null for an id that is too long for the
   * index; the stored reason mentions that.
   */
  private static final String AGGREGATE_ID =
      "case when octet_length(aggregate_id) <= "
          + EventColumns.MOST_OF_AN_ID
          + " then aggregate_id end";

  private static final String WHOLE =
      "aggregate_type, " + AGGREGATE_ID + ", event_type, payload, headers";

  /**
   * SQL for the columns of a row without payload and headers. Without a payload, such a row could
   * be published as a tombstone by mistake; its invalid headers prevent that.
   */
  private static final String BARE =
      "left(aggregate_type, 200), "
          + AGGREGATE_ID
          + ", left(event_type, 200), null, '"
          + EventColumns.NOT_COPIED
          + "'::jsonb";

  /**
   * SQL for the columns of a row of which only the sequence number is kept, because even its types
   * cannot be stored.
   */
  private static final String NUMBER =
      "null, null, null, null, '" + EventColumns.NOT_COPIED + "'::jsonb";

  private final SqlClient database;
  private final OwnerEpoch owner;
  private final Consumer<Runnable> later;
  private final String insertWhole;
  private final String insertBare;
  private final String insertNumber;
  private final Map<String, List<Entry>> stuck = new HashMap<>();
  private List<Entry> gathered = new ArrayList<>();
  private Promise<Void> next = Promise.promise();
  private Future<Void> last = Future.succeededFuture();
  private boolean writing;

  private record Entry(NewDeadLetter newDeadLetter, Promise<Void> written) {}

  /**
   * @param owner the shard and epoch under which this relay writes
   * @param later runs an action after some seconds
   */
  public DeadLetterWriter(
      SqlClient database, OutboxNames names, OwnerEpoch owner, Consumer<Runnable> later) {
    this.database = database;
    this.owner = owner;
    this.later = later;
    String isOurs = OwnerEpoch.isOurs(names, "$7", "$8");
    this.insertWhole = INSERT.formatted(names.events(), names.deadLetter(), isOurs, WHOLE);
    this.insertBare = INSERT.formatted(names.events(), names.deadLetter(), isOurs, BARE);
    this.insertNumber = INSERT.formatted(names.events(), names.deadLetter(), isOurs, NUMBER);
  }

  /**
   * Queues the event for the next write. Completes when the event is in the dead letters, so that
   * it stays there even if this process ends.
   */
  // Synchronized, because the client completes on the event loop of its connection and not on the
  // caller's.
  public synchronized Future<Void> write(NewDeadLetter newDeadLetter) {
    var entry = new Entry(newDeadLetter, Promise.promise());
    if (!waitsBehind(entry)) {
      gathered.add(entry);
      last = next.future();
      if (!writing) {
        write();
      }
    }
    return entry.written.future();
  }

  /**
   * Completes when all events of the aggregate passed to {@link #write} before this call are
   * stored; fails if the database has refused to store one of them.
   */
  public synchronized Future<Void> written(String aggregateId) {
    return last.compose(
        stored ->
            isStuck(aggregateId)
                ? Future.failedFuture(
                    "an event of the same aggregate can be neither published nor set aside for now")
                : Future.succeededFuture());
  }

  /** Returns true if the database has refused to store an event of the aggregate. */
  public synchronized boolean isStuck(String aggregateId) {
    return !stuck.isEmpty() && stuck.containsKey(aggregateId);
  }

  private boolean waitsBehind(Entry entry) {
    var before =
        stuck.isEmpty() || !entry.newDeadLetter.parks()
            ? null
            : stuck.get(entry.newDeadLetter.aggregateId());
    return before != null && before.add(entry);
  }

  private synchronized void write() {
    writing = true;
    var entries = gathered;
    var written = next;
    gathered = new ArrayList<>();
    next = Promise.promise();
    store(entries)
        .onComplete(
            result -> {
              writeNext();
              written.handle(result);
              if (result.failed()) {
                entries.forEach(entry -> entry.written.tryFail(result.cause()));
              }
            });
  }

  private synchronized void writeNext() {
    writing = false;
    if (!gathered.isEmpty()) {
      write();
    }
  }

  private Future<Void> store(List<Entry> all) {
    var entries = withoutStuck(all);
    if (entries.isEmpty()) {
      return Future.succeededFuture();
    }
    return insert(insertWhole, entries.stream().map(Entry::newDeadLetter).toList())
        .onSuccess(stored -> entries.forEach(entry -> entry.written.tryComplete()))
        .recover(
            failure ->
                isOfTheData(failure) ? storeApart(entries, failure) : Future.failedFuture(failure));
  }

  private synchronized List<Entry> withoutStuck(List<Entry> entries) {
    return stuck.isEmpty()
        ? entries
        : entries.stream().filter(entry -> !waitsBehind(entry)).toList();
  }

  /**
   * Divides a refused batch in two. Stores the first half before the second, because an event that
   * waits behind another must not be stored before that one.
   */
  private Future<Void> storeApart(List<Entry> entries, Throwable failure) {
    int half = entries.size() / 2;
    if (half > 0) {
      return store(entries.subList(0, half))
          .compose(stored -> store(entries.subList(half, entries.size())));
    }
    var entry = entries.get(0);
    return storeReduced(entry.newDeadLetter, failure)
        .onSuccess(stored -> entry.written.tryComplete())
        .recover(
            again -> {
              if (!isOfTheData(again)) {
                return Future.failedFuture(again);
              }
              keep(entry, again);
              return Future.succeededFuture();
            });
  }

  /**
   * Stores one event as far as possible: first with the reason in ASCII, then without payload and
   * headers. If that fails for an event without an aggregate id, the last attempt leaves out its
   * types; no later event waits for such an event.
   */
  private Future<Void> storeReduced(NewDeadLetter newDeadLetter, Throwable failure) {
    return insert(insertWhole, List.of(newDeadLetter.plain("")))
        .recover(again -> reduced(insertBare, newDeadLetter, failure, again))
        .recover(
            again ->
                newDeadLetter.aggregateId().isEmpty()
                    ? reduced(insertNumber, newDeadLetter, failure, again)
                    : Future.failedFuture(again));
  }

  private Future<Void> reduced(
      String sql, NewDeadLetter newDeadLetter, Throwable failure, Throwable again) {
    return isOfTheData(again)
        ? insert(sql, List.of(newDeadLetter.plain(notCopied(newDeadLetter, failure))))
        : Future.failedFuture(again);
  }

  private static String notCopied(NewDeadLetter newDeadLetter, Throwable failure) {
    return ". It stands here without payload and headers, because the database refused to store those ("
        + said(failure)
        + "); they are in the outbox, where seq is "
        + newDeadLetter.seq()
        + ", until the clean-up deletes them";
  }

  private static String said(Throwable failure) {
    return failure instanceof PgException answer
        ? StorableText.ascii(String.valueOf(answer.getErrorMessage()))
        : String.valueOf(failure.getMessage());
  }

  private synchronized void keep(Entry entry, Throwable failure) {
    var newDeadLetter = entry.newDeadLetter;
    LOG.warn(
        "event {} can be neither published ({}) nor set aside, because the database refuses to store"
            + " it in the dead letters: {}. It waits, and so do later events of its aggregate; others"
            + " are published, up to relay.read-ahead events beyond it. The relay tries to store it"
            + " until it succeeds; look for a constraint or a trigger on the table of dead letters",
        newDeadLetter.seq(),
        newDeadLetter.reason(),
        said(failure));
    String key = newDeadLetter.parks() ? newDeadLetter.aggregateId() : "";
    var behind = stuck.computeIfAbsent(key, first -> new ArrayList<>());
    behind.add(entry);
    if (behind.size() == 1) {
      later.accept(() -> retry(key));
    }
  }

  private void retry(String aggregateId) {
    var first = firstStuck(aggregateId);
    if (first == null) {
      return;
    }
    insert(insertWhole, List.of(first.newDeadLetter))
        .recover(
            failure ->
                isOfTheData(failure)
                    ? storeReduced(first.newDeadLetter, failure)
                    : Future.failedFuture(failure))
        .onComplete(
            stored -> {
              first.written.tryComplete();
              forgetFirst(aggregateId);
              retry(aggregateId);
            },
            failure -> {
              if (isOfTheData(failure)) {
                later.accept(() -> retry(aggregateId));
              } else {
                first.written.tryFail(failure);
              }
            });
  }

  private synchronized @Nullable Entry firstStuck(String aggregateId) {
    var behind = stuck.get(aggregateId);
    return behind == null ? null : behind.get(0);
  }

  private synchronized void forgetFirst(String aggregateId) {
    var behind = stuck.get(aggregateId);
    if (behind != null) {
      behind.remove(0);
      if (behind.isEmpty()) {
        stuck.remove(aggregateId);
      }
    }
  }

  private static boolean isOfTheData(Throwable failure) {
    return failure instanceof PgException answer
        && answer.getSqlState() != null
        && answer.getSqlState().length() == 5
        && OF_THE_DATA.contains(answer.getSqlState().substring(0, 2));
  }

  private Future<Void> insert(String sql, List<NewDeadLetter> newDeadLetters) {
    return insert(sql, newDeadLetters, Long.MAX_VALUE, 1);
  }

  /**
   * Copies rows. If rows are missing because they are not visible yet, waits and tries again. If a
   * row is still missing when every transaction below {@code fence} has ended, the row was deleted,
   * so the others are copied without it. Fails after {@link #MOST_ATTEMPTS}, which happens if a
   * transaction is open for long.
   *
   * @param fence the next transaction id at the first attempt; {@link Long#MAX_VALUE} in the first
   *     attempt itself
   */
  private Future<Void> insert(
      String sql, List<NewDeadLetter> newDeadLetters, long fence, int attempt) {
    return database
        .preparedQuery(sql)
        .execute(columns(newDeadLetters))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return Future.failedFuture(owner.over());
              }
              var row = rows.iterator().next();
              var missing = Set.copyOf(List.of(row.getArrayOfLongs(0)));
              if (missing.isEmpty()) {
                return Future.<Void>succeededFuture();
              }
              if (row.getLong(1) >= fence) {
                newDeadLetters.stream()
                    .filter(newDeadLetter -> missing.contains(newDeadLetter.seq()))
                    .forEach(DeadLetterWriter::logDeleted);
                var present = without(newDeadLetters, missing);
                return present.isEmpty()
                    ? Future.<Void>succeededFuture()
                    : insert(sql, present, fence, attempt);
              }
              if (attempt == MOST_ATTEMPTS) {
                return Future.failedFuture(hidden(newDeadLetters, missing));
              }
              long first = Math.min(fence, row.getLong(2));
              return database
                  .query(PAUSE)
                  .execute()
                  .compose(paused -> insert(sql, newDeadLetters, first, attempt + 1));
            });
  }

  private static void logDeleted(NewDeadLetter newDeadLetter) {
    LOG.error(
        "event {} was not published ({}), and its row was deleted from the outbox; so it is not in"
            + " the dead letters, and will not be published",
        newDeadLetter.seq(),
        newDeadLetter.reason());
  }

  private static List<NewDeadLetter> without(
      List<NewDeadLetter> newDeadLetters, Set<Long> missing) {
    return newDeadLetters.stream()
        .filter(newDeadLetter -> !missing.contains(newDeadLetter.seq()))
        .toList();
  }

  private static IllegalStateException hidden(
      List<NewDeadLetter> newDeadLetters, Set<Long> missing) {
    var first =
        newDeadLetters.stream()
            .filter(newDeadLetter -> missing.contains(newDeadLetter.seq()))
            .findFirst()
            .orElseThrow();
    return new IllegalStateException(
        "event %d cannot be set aside (%s), because its row is not visible: it was deleted, or its transaction is not visible to other sessions yet; the relay begins again at its checkpoint"
            .formatted(first.seq(), first.reason()));
  }

  private Tuple columns(List<NewDeadLetter> newDeadLetters) {
    return Tuple.tuple()
        .addArrayOfLong(newDeadLetters.stream().map(NewDeadLetter::seq).toArray(Long[]::new))
        .addArrayOfString(newDeadLetters.stream().map(NewDeadLetter::state).toArray(String[]::new))
        .addArrayOfString(newDeadLetters.stream().map(NewDeadLetter::reason).toArray(String[]::new))
        .addArrayOfString(
            newDeadLetters.stream().map(NewDeadLetter::destination).toArray(String[]::new))
        .addArrayOfInteger(
            newDeadLetters.stream().map(NewDeadLetter::attempts).toArray(Integer[]::new))
        .addArrayOfString(
            newDeadLetters.stream().map(NewDeadLetter::redelivery).toArray(String[]::new))
        .addInteger(owner.shard())
        .addLong(owner.epoch());
  }
}

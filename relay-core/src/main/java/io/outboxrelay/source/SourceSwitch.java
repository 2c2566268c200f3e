package io.outboxrelay.source;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.database.Database;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.outboxrelay.wal.LogFailure;
import io.outboxrelay.wal.LogFailure.Reason;
import io.outboxrelay.wal.LogProbe;
import io.outboxrelay.wal.LogStream;
import io.outboxrelay.window.ReadPosition;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a backlog from the table and what is committed from then on from the log. Changes back to
 * the table whenever the log cannot be used or costs too much, and to the log again later.
 *
 * <pre>
 *   TABLE ── everything is read ──▶ CREATING ── slot created ──▶ WAITING ── covered ──▶ LOG
 *     ◀──────────────────────────── any failure, or over budget ────────────────────────┘
 * </pre>
 *
 * <p>The table is read in all states but the last one. Lives on one event loop, for one term.
 */
public final class SourceSwitch extends Service implements PageSource<ReadPosition> {
  private static final long TICK_MILLIS = 100;
  private static final long NO_TIMER = -1;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  /** A log that was read for this long is not at fault; the next retry comes soon again. */
  private static final long GOOD_AFTER_NANOS = 30_000_000_000L;

  /**
   * The longest that the table is read on while a slot exists; transactions can be open for long.
   */
  private static final long COVERED_WITHIN_NANOS = 30_000_000_000L;

  /** A set with more gaps makes the checkpoint large; then the table reads better than the log. */
  private static final long MOST_GAPS = 20_000;

  /** An operator must do something, so trying again soon is useless. */
  private static final Set<Reason> LASTING =
      Set.of(Reason.WAL_LEVEL, Reason.PRIVILEGE, Reason.PUBLICATION, Reason.POOLER);

  private final Vertx vertx;
  private final TableSource table;
  private final LogConfig config;
  private final Slots slots;
  private final LogProbe probe;
  private final SourceChanges changes;
  private final Conditions conditions;
  private long timer = NO_TIMER;
  private State state = State.TABLE;
  private @Nullable LogStream stream;
  private @Nullable LogReader log;
  private LogProbe.@Nullable Ground ground;
  private long createdAt;
  private long since = System.nanoTime();
  private long nextAttempt = System.nanoTime();
  private int failures;
  private boolean probing;

  private enum State {
    TABLE,
    CREATING,
    WAITING,
    LOG
  }

  /**
   * The shard to read, and the connections.
   *
   * @param reading the connection that owns the shard
   * @param limits the bounds of a page
   * @param mayUseLog false while the table must be read
   * @param onCall called while a command asks all owners to release their shards
   */
  public record Site(
      Database database,
      PgConnection reading,
      OutboxNames names,
      TableSource.PageLimits limits,
      ShardMetrics metrics,
      BooleanSupplier mayUseLog,
      Runnable onCall) {}

  /** Creates the source of a shard; it begins with the table. */
  public static SourceSwitch create(Vertx vertx, TableSource table, LogConfig config, Site site) {
    return create(vertx, table, config, site, new Backoff(FIRST_RETRY, LONGEST_RETRY));
  }

  static SourceSwitch create(
      Vertx vertx, TableSource table, LogConfig config, Site site, Backoff retry) {
    var limits = site.limits;
    var share = limits.share();
    var options = site.database.replicationBeside(site.reading);
    var columns = EventColumns.of(site.reading, limits.payload(), limits.maxEventBytes());
    var numbers = new AtomicInteger();
    Slots slots =
        ground ->
            new LogStream(
                vertx,
                options,
                new LogStream.Slot(
                    site.names.slot(share.shard(), table.epoch() + "_" + numbers.incrementAndGet()),
                    site.names.publication()),
                new LogStream.Selection(
                    ground.outbox(),
                    share,
                    columns,
                    limits.payload(),
                    limits.pageEvents(),
                    limits.pageBytes()));
    return new SourceSwitch(
        vertx,
        table,
        config,
        slots,
        new LogProbe(site.reading, site.names),
        new SourceChanges(share, site.metrics),
        new Conditions(site.mayUseLog, site.onCall, site.names.sequence(), retry));
  }

  /** Creates streams, each with a slot of its own. */
  interface Slots {
    LogStream create(LogProbe.Ground ground);
  }

  /**
   * @param mayUseLog false while the log must not be used
   * @param onCall called while a command asks all owners to release their shards
   * @param sequence name of the sequence, for messages
   * @param retry how long to wait after a failure of the log
   */
  record Conditions(BooleanSupplier mayUseLog, Runnable onCall, String sequence, Backoff retry) {}

  SourceSwitch(
      Vertx vertx,
      TableSource table,
      LogConfig config,
      Slots slots,
      LogProbe probe,
      SourceChanges changes,
      Conditions conditions) {
    this.vertx = vertx;
    this.table = table;
    this.config = config;
    this.slots = slots;
    this.probe = probe;
    this.changes = changes;
    this.conditions = conditions;
  }

  @Override
  protected Future<Void> startNow() {
    if (config.mode() != SourceMode.TABLE) {
      timer = vertx.setPeriodic(TICK_MILLIS, due -> tick());
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<EventPage<ReadPosition>> next() {
    Promise<EventPage<ReadPosition>> page = Promise.promise();
    read(page);
    return page.future();
  }

  private void read(Promise<EventPage<ReadPosition>> page) {
    var from = log;
    if (from == null) {
      table.next().onComplete(read -> tableRead(read, page), page::fail);
    } else {
      from.next().onComplete(read -> logRead(read, page), failed -> logFailed(from, failed, page));
    }
  }

  private <P extends ReadPosition> void tableRead(
      EventPage<P> read, Promise<EventPage<ReadPosition>> page) {
    if (state == State.WAITING
        && table.isReadyToHandOver()
        && conditions.mayUseLog.getAsBoolean()) {
      toLog();
    }
    page.complete(new EventPage<>(read.events(), read.defects(), read.bytes(), read.position()));
  }

  private void logRead(EventPage<ReadPosition> read, Promise<EventPage<ReadPosition>> page) {
    table.read(read);
    page.complete(read);
  }

  private void logFailed(LogReader from, Throwable failure, Promise<EventPage<ReadPosition>> page) {
    if (log == from) {
      fail(LogFailure.of(failure));
    }
    if (isStopped()) {
      page.fail("the source was closed");
    } else {
      read(page);
    }
  }

  private void toLog() {
    var ready = stream;
    if (ready != null) {
      log = new LogReader(ready, table.handOver(), createdAt);
      to(State.LOG);
      changes.toLog();
    }
  }

  /** Goes on from the table, in whatever state it is. */
  private void fail(LogFailure failure) {
    if (isStopped()) {
      return;
    }
    var before = state;
    if (before == State.LOG && System.nanoTime() - since > GOOD_AFTER_NANOS) {
      failures = 0;
    }
    var reader = log;
    log = null;
    if (reader != null) {
      table.continueFrom(reader.end());
    }
    dropStream();
    to(State.TABLE);
    boolean isLasting = LASTING.contains(failure.reason());
    failures++;
    var wait =
        isLasting ? conditions.retry.most() : Duration.ofMillis(conditions.retry.millis(failures));
    nextAttempt = System.nanoTime() + wait.toNanos();
    if (before == State.LOG) {
      changes.toTable(failure, wait);
    } else {
      changes.staysOnTable(failure, wait, config.mode() == SourceMode.LOG);
    }
  }

  private void dropStream() {
    var old = stream;
    stream = null;
    table.keep();
    if (old != null) {
      old.close();
    }
  }

  private void to(State next) {
    state = next;
    since = System.nanoTime();
  }

  private void tick() {
    switch (state) {
      case TABLE -> {
        if (table.isAtTheEnd()
            && System.nanoTime() - nextAttempt >= 0
            && conditions.mayUseLog.getAsBoolean()) {
          create();
        }
      }
      case CREATING -> observe();
      case WAITING -> {
        table.wake();
        observe();
      }
      case LOG -> observe();
    }
  }

  private void create() {
    to(State.CREATING);
    probe.askForGround().onComplete(this::create, this::refused);
  }

  private void create(LogProbe.Ground found) {
    if (isStopped() || state != State.CREATING) {
      return;
    }
    var objection = LogGround.objection(found);
    if (objection != null) {
      fail(objection);
      return;
    }
    ground = found;
    var made = slots.create(found);
    stream = made;
    made.create().onComplete(ready -> created(made, ready), failed -> streamFailed(made, failed));
  }

  private void streamFailed(LogStream made, Throwable failure) {
    if (stream == made) {
      fail(LogFailure.of(failure));
    }
  }

  /** The transactions that began before now are read from the table, the others from the log. */
  private void created(LogStream made, LogStream.Created slot) {
    var known = ground;
    if (stream != made || known == null) {
      return;
    }
    if (!slot.server().equals(known.server())) {
      fail(new LogFailure(Reason.CONNECTION, "the replication connection leads to another server"));
      return;
    }
    createdAt = slot.position();
    probe
        .ask(made.slot())
        .onComplete(
            answer -> {
              if (stream == made) {
                to(State.WAITING);
                table.handOverAt(answer.fence());
              }
            },
            this::refused);
  }

  private void refused(Throwable failure) {
    if (!isStopped() && state != State.TABLE) {
      fail(LogFailure.of(failure));
    }
  }

  /** Asks for budget and publication, and lets the set of delivered transactions become dense. */
  private void observe() {
    var observed = stream;
    if (probing || observed == null) {
      return;
    }
    probing = true;
    (state == State.LOG ? table.attend() : Future.<Void>succeededFuture())
        .compose(attended -> probe.ask(observed.slot()))
        .onComplete(
            answer -> {
              probing = false;
              if (stream == observed) {
                answered(answer);
              }
            },
            failure -> {
              probing = false;
              if (stream == observed) {
                refused(failure);
              }
            });
  }

  private void answered(LogProbe.Answer answer) {
    if (answer.called()) {
      conditions.onCall.run();
    }
    var objection = objection(answer);
    if (objection != null) {
      fail(objection);
      return;
    }
    var reader = log;
    if (reader != null) {
      try {
        reader.verify(conditions.sequence, answer);
      } catch (RuntimeException e) {
        // The table's next look finds the same, and stops the relay.
        fail(new LogFailure(Reason.CONTENT, e.toString()));
        return;
      }
      reader.probed(answer);
      reader.confirmIdle();
    }
  }

  private @Nullable LogFailure objection(LogProbe.Answer answer) {
    var known = ground;
    if (known != null && !answer.publishes(known)) {
      return new LogFailure(
          Reason.PUBLICATION, "the publication was changed or dropped while the log was read");
    }
    var held = answer.held();
    // A slot that is being created is listed, but holds nothing until it has a start.
    if (held == null && state != State.CREATING) {
      return new LogFailure(
          Reason.SLOT, "the slot is gone, or was invalidated by max_slot_wal_keep_size");
    }
    if (held != null && held > config.budget()) {
      return new LogFailure(
          Reason.BUDGET,
          "the slot makes the server keep %d MiB of the log, and relay.log.budget allows %d MiB"
              .formatted(held >> 20, config.budget() >> 20));
    }
    var reader = log;
    if (reader != null && reader.gaps() > MOST_GAPS) {
      return new LogFailure(
          Reason.GAPS,
          "more than %d transactions without an event lie between those delivered"
              .formatted(MOST_GAPS));
    }
    return state == State.WAITING && System.nanoTime() - since > COVERED_WITHIN_NANOS
        ? new LogFailure(
            Reason.TIMEOUT,
            "a transaction has been open for over %d s since the slot was created"
                .formatted(COVERED_WITHIN_NANOS / 1_000_000_000L))
        : null;
  }

  /** Returns true while events come from the log. */
  public boolean readsLog() {
    return state == State.LOG;
  }

  @Override
  public Future<Void> confirm(ReadPosition position) {
    return table.store(position).onSuccess(stored -> stored(position));
  }

  @Override
  public Future<Void> confirmDurably(ReadPosition position) {
    return table.storeDurably(position).onSuccess(stored -> stored(position));
  }

  private void stored(ReadPosition position) {
    var reader = log;
    if (reader != null) {
      reader.stored(position);
    }
  }

  /** Ends the stream and its slot. */
  @Override
  protected Future<Void> stopNow() {
    vertx.cancelTimer(timer);
    var reader = log;
    log = null;
    if (reader != null) {
      reader.end();
    }
    dropStream();
    return Future.succeededFuture();
  }
}

package io.outboxrelay.source;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.database.Database;
import io.outboxrelay.format.ByteSizeFormat;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.SlotNames;
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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a backlog from the table, and later transactions from the log. If the log cannot be used,
 * or if the server has to keep too much of it, the switch changes back to the table. It tries the
 * log again later.
 *
 * <p>{@link SourceState} shows the states. An instance is used on one event loop, for one term.
 */
public final class SourceSwitch extends Service implements PageSource<ReadPosition> {
  private static final long TICK_MILLIS = 100;
  private static final long NO_TIMER = -1;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  /**
   * If the log was read for longer than this before it fails, earlier failures no longer count. The
   * next retry then comes soon.
   */
  private static final long GOOD_AFTER_NANOS = 30_000_000_000L;

  /**
   * How long to wait until all transactions that began before a new slot have ended and were read
   * from the table. Then the slot is dropped, because a transaction can stay open for hours, and
   * the server meanwhile keeps the log for the slot.
   */
  private static final long COVERED_WITHIN_NANOS = 30_000_000_000L;

  /**
   * The most gaps that the set of delivered transactions may have. If it has more, the table is
   * read, because each gap is stored with every checkpoint.
   */
  private static final long MOST_GAPS = 20_000;

  /**
   * Reasons of a failure that do not concern the slot. After such a failure, a permanent slot is
   * kept.
   */
  private static final Set<Reason> ELSEWHERE =
      Set.of(Reason.CONNECTION, Reason.SENDERS, Reason.PRIVILEGE, Reason.POOLER);

  /**
   * Reasons of a failure that lasts until an operator acts. After such a failure, the relay retries
   * rarely, because each try causes an error in the server's log.
   */
  private static final Set<Reason> LASTING =
      Set.of(Reason.WAL_LEVEL, Reason.PRIVILEGE, Reason.POOLER);

  /**
   * How often to check for a prerequisite that is missing. A check is two short queries on an
   * existing connection.
   */
  private static final Duration NEXT_LOOK = Duration.ofSeconds(2);

  /** How often to check the size of a permanent slot while the table is read. */
  private static final long UNREAD_LOOK_NANOS = 5_000_000_000L;

  private final Vertx vertx;
  private final TableSource table;
  private final LogAccess access;
  private final SourceChanges changes;
  private final Conditions conditions;
  private final Promise<Void> begun = Promise.promise();
  private long timer = NO_TIMER;
  private SourceState state = SourceState.TABLE;
  private @Nullable LogStream stream;
  private @Nullable LogReader log;
  private LogProbe.@Nullable Ground ground;
  private long createdAt;
  private long since = System.nanoTime();
  private long nextAttempt = System.nanoTime();
  private int failures;
  private boolean probing;
  private boolean dropping;
  private boolean looksAtUnread;
  private long lookedAtUnread = System.nanoTime() - UNREAD_LOOK_NANOS;
  private boolean hasRead;

  /**
   * True if the slot existed before the stream was created, so that all transactions that the
   * stream does not yield were delivered before.
   */
  private boolean isResumed;

  /** True if the budget was exceeded, and no position was stored since then. */
  private boolean awaitsConfirm;

  /**
   * The shard to read, and the parts of the relay that a source works with.
   *
   * @param server the connections to the server
   * @param recorder records which source is read
   * @param limits the shard, and the bounds of a page
   * @param mayUseLog false while the table must be read
   * @param onCall called while a command asks all owners to release their shards
   */
  public record Site(
      Server server,
      TableSource.PageLimits limits,
      SourceRecorder recorder,
      BooleanSupplier mayUseLog,
      Runnable onCall) {}

  /**
   * The connections to the server.
   *
   * @param reading the connection that owns the shard
   * @param slots names of the slots in the database of this connection
   */
  public record Server(Database database, PgConnection reading, SlotNames slots) {}

  /** Creates the source of a shard; it begins with the table. */
  public static SourceSwitch create(Vertx vertx, TableSource table, LogConfig config, Site site) {
    return create(vertx, table, config, site, new Backoff(FIRST_RETRY, LONGEST_RETRY));
  }

  static SourceSwitch create(
      Vertx vertx, TableSource table, LogConfig config, Site site, Backoff retry) {
    var limits = site.limits;
    var share = limits.share();
    var names = limits.names();
    var options = site.server.database.replicationBeside(site.server.reading);
    var columns =
        EventColumns.of(
            site.server.reading, names.columns(), limits.payload(), limits.maxEventBytes());
    var numbers = new AtomicInteger();
    Slots slots =
        (ground, life) ->
            new LogStream(
                vertx,
                options,
                new LogStream.Slot(
                    life == LogStream.Life.TEMPORARY
                        ? site.server.slots.temporary(
                            share.shard(), table.epoch() + "_" + numbers.incrementAndGet())
                        : site.server.slots.permanent(share.shard()),
                    names.publication(),
                    life),
                new LogStream.Selection(
                    ground.outbox(),
                    share,
                    new LogStream.RowFormat(names.columns(), limits.payload(), columns),
                    limits.pageEvents(),
                    limits.pageBytes()));
    var permanent =
        new PermanentSlot(vertx, site.server.reading, site.server.slots.permanent(share.shard()));
    if (share.shard() == 0 && config.keepsSlots()) {
      permanent.dropOthers(site.server.slots.permanentPattern(), share.of());
    }
    return new SourceSwitch(
        vertx,
        table,
        new LogAccess(slots, permanent, new LogProbe(site.server.reading, names)),
        new SourceChanges(share, site.recorder),
        new Conditions(config, site.mayUseLog, site.onCall, names.sequence(), retry));
  }

  /** Creates streams, each with a slot of its own. */
  interface Slots {
    LogStream create(LogProbe.Ground ground, LogStream.Life life);
  }

  /**
   * The access to the log.
   *
   * @param slots creates the streams
   * @param permanent the slot that outlives the relay; it is used if the operator has configured a
   *     permanent slot
   * @param probe asks the server for the state of the publication, the size of the slot, and the
   *     position in the log
   */
  record LogAccess(Slots slots, PermanentSlot permanent, LogProbe probe) {}

  /**
   * The conditions under which the log is read, and what a source needs to act on them.
   *
   * @param config the mode and the budget that the operator has set
   * @param mayUseLog false while the table must be read although the log could be
   * @param onCall called while a command asks all owners to release their shards
   * @param sequence the name of the sequence, for messages
   * @param retry how long to wait after a failure of the log
   */
  record Conditions(
      LogConfig config,
      BooleanSupplier mayUseLog,
      Runnable onCall,
      String sequence,
      Backoff retry) {}

  SourceSwitch(
      Vertx vertx,
      TableSource table,
      LogAccess access,
      SourceChanges changes,
      Conditions conditions) {
    this.vertx = vertx;
    this.table = table;
    this.access = access;
    this.changes = changes;
    this.conditions = conditions;
  }

  @Override
  protected Future<Void> startNow() {
    if (conditions.config.mode() != SourceMode.TABLE) {
      timer = vertx.setPeriodic(TICK_MILLIS, due -> tick());
    }
    if (table.mark() == null) {
      return Future.succeededFuture();
    }
    if (!conditions.config.keepsSlots()) {
      dropPermanent();
      return Future.succeededFuture();
    }
    return table.isBetweenWindows() && conditions.mayUseLog.getAsBoolean()
        ? resume()
        : Future.succeededFuture();
  }

  /**
   * Continues from the permanent slot before the table is read for the first time. If the table was
   * read first, events would be missed that were deleted by the transaction that wrote them.
   */
  private Future<Void> resume() {
    create();
    return begun.future();
  }

  private void dropPermanent() {
    table.unmark();
    dropping = true;
    access.permanent.drop().onComplete(dropped -> dropping = false);
  }

  @Override
  public Future<EventPage<ReadPosition>> next() {
    Promise<EventPage<ReadPosition>> page = Promise.promise();
    read(page);
    return page.future();
  }

  private void read(Promise<EventPage<ReadPosition>> page) {
    hasRead = true;
    var from = log;
    if (from == null) {
      table.next().onComplete(read -> tableRead(read, page), page::fail);
    } else {
      from.next().onComplete(read -> logRead(read, page), failed -> logFailed(from, failed, page));
    }
  }

  private <P extends ReadPosition> void tableRead(
      EventPage<P> read, Promise<EventPage<ReadPosition>> page) {
    if (state == SourceState.WAITING
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
      if (conditions.config.keepsSlots() && !isResumed) {
        table.markFromNowOn(ready.slot(), Objects.requireNonNull(published()));
      }
      log = new LogReader(ready, table.handOver(), createdAt, conditions.config.keepsSlots());
      to(SourceState.LOG);
      changes.toLog(ready.slot(), conditions.config.slot());
    }
  }

  private @Nullable String published() {
    var known = ground;
    return known == null ? null : known.publication();
  }

  /** Changes to the table because of a failure. May be called in every state. */
  private void fail(LogFailure failure) {
    fail(failure, LASTING.contains(failure.reason()) ? conditions.retry.most() : null);
  }

  /**
   * Changes to the table because of a failure.
   *
   * @param fixed the pause before the next try; null for a pause that doubles with each failure
   */
  private void fail(LogFailure failure, @Nullable Duration fixed) {
    if (isStopped()) {
      return;
    }
    var before = state;
    boolean isOverBudget = failure.reason() == Reason.BUDGET;
    if (before == SourceState.LOG
        && !isOverBudget
        && System.nanoTime() - since > GOOD_AFTER_NANOS) {
      failures = 0;
    }
    awaitsConfirm |= isOverBudget;
    var reader = log;
    log = null;
    if (reader != null) {
      table.continueFrom(reader.end());
    }
    boolean hadSlot = stream != null;
    dropStream();
    to(SourceState.TABLE);
    if (hadSlot && conditions.config.keepsSlots() && !ELSEWHERE.contains(failure.reason())) {
      dropPermanent();
    }
    begun.tryComplete();
    failures++;
    var wait = fixed == null ? Duration.ofMillis(conditions.retry.millis(failures)) : fixed;
    nextAttempt = System.nanoTime() + wait.toNanos();
    if (before == SourceState.LOG) {
      changes.toTable(failure, wait);
    } else {
      changes.staysOnTable(failure, wait, conditions.config.mode() == SourceMode.LOG);
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

  private void to(SourceState next) {
    state = state.to(next);
    since = System.nanoTime();
  }

  private void tick() {
    switch (state) {
      case TABLE -> {
        if (table.isAtTheEnd()
            && !awaitsConfirm
            && !dropping
            && System.nanoTime() - nextAttempt >= 0
            && conditions.mayUseLog.getAsBoolean()) {
          create();
        } else if (conditions.config.keepsSlots()) {
          boundUnreadSlot();
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

  /**
   * Drops a permanent slot for which the server keeps more of the log than the budget allows. Used
   * while the table is read, because the server keeps the log of a slot until a reader confirms it.
   */
  private void boundUnreadSlot() {
    long now = System.nanoTime();
    if (dropping || looksAtUnread || now - lookedAtUnread < UNREAD_LOOK_NANOS) {
      return;
    }
    lookedAtUnread = now;
    looksAtUnread = true;
    access
        .permanent
        .heldUnread()
        .onComplete(
            held -> {
              looksAtUnread = false;
              if (state == SourceState.TABLE && !isStopped() && held > conditions.config.budget()) {
                changes.dropsUnread(access.permanent.name(), overBudget(held));
                dropPermanent();
              }
            },
            // The failure needs no action, because the lost connection ends the term.
            failure -> looksAtUnread = false);
  }

  private String overBudget(long held) {
    return "the slot makes the server keep %s of the log, and relay.log.budget allows %s"
        .formatted(ByteSizeFormat.of(held), ByteSizeFormat.of(conditions.config.budget()));
  }

  private void create() {
    to(SourceState.CREATING);
    access.probe.askForGround().onComplete(this::create, this::refused);
  }

  private void create(LogProbe.Ground found) {
    if (isStopped() || state != SourceState.CREATING) {
      return;
    }
    var objection = found.objection();
    if (objection != null) {
      // A change of wal_level needs a restart of the server, which ends this term.
      fail(objection, objection.reason() == Reason.WAL_LEVEL ? conditions.retry.most() : NEXT_LOOK);
      return;
    }
    ground = found;
    if (conditions.config.keepsSlots()) {
      access.permanent.read().onComplete(slot -> choose(found, slot), this::refused);
    } else {
      begin(found, LogStream.Life.TEMPORARY);
    }
  }

  private void choose(LogProbe.Ground found, PermanentSlot.State slot) {
    if (slot.continues(table.mark(), access.permanent.name(), found.publication())) {
      begin(found, LogStream.Life.EXISTING);
      return;
    }
    // The first page need not wait for the slot: creating one waits for every open transaction that
    // writes, and the table is read meanwhile.
    begun.tryComplete();
    if (slot.exists()) {
      table.unmark();
      access.permanent.drop().onSuccess(dropped -> begin(found, LogStream.Life.PERMANENT));
    } else {
      begin(found, LogStream.Life.PERMANENT);
    }
  }

  private void begin(LogProbe.Ground found, LogStream.Life life) {
    if (isStopped() || state != SourceState.CREATING) {
      return;
    }
    isResumed = life == LogStream.Life.EXISTING;
    var made = access.slots.create(found, life);
    stream = made;
    made.create().onComplete(ready -> created(made, ready), failed -> streamFailed(made, failed));
  }

  private void streamFailed(LogStream made, Throwable failure) {
    if (stream == made) {
      fail(LogFailure.of(failure));
    }
  }

  /**
   * Determines which transactions the table must still read. Transactions that began before now are
   * read from the table, and all others from the log.
   */
  private void created(LogStream made, LogStream.Created slot) {
    var known = ground;
    if (stream != made || known == null) {
      return;
    }
    if (!slot.server().equals(known.server())) {
      fail(LogFailure.ofAnotherServer());
      return;
    }
    var mark = table.mark();
    createdAt = isResumed && mark != null ? mark.position() : slot.position();
    access.probe.ask(made.slot()).onComplete(answer -> awaitTable(made, answer), this::refused);
  }

  private void awaitTable(LogStream made, LogProbe.Answer answer) {
    if (stream != made) {
      return;
    }
    to(SourceState.WAITING);
    table.handOverAt(isResumed ? 0 : answer.fence().xid());
    if (!hasRead && table.isReadyToHandOver()) {
      toLog();
    }
    begun.tryComplete();
  }

  private void refused(Throwable failure) {
    if (!isStopped() && state != SourceState.TABLE) {
      fail(LogFailure.of(failure));
    }
  }

  /**
   * Sends a probe to the server. The answer is used to verify the budget and the publication, and
   * to close gaps in the set of delivered transactions.
   */
  private void observe() {
    var observed = stream;
    if (probing || observed == null) {
      return;
    }
    // During an outage or a pause no page is read, so a failure of the stream is noticed only here.
    var broken = observed.failure();
    if (broken != null) {
      fail(broken);
      return;
    }
    probing = true;
    (state == SourceState.LOG ? table.attend() : Future.<Void>succeededFuture())
        .compose(attended -> access.probe.ask(observed.slot()))
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
        // Reading the table fails for the same reason, which stops the relay.
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
    // A slot that is still being created has no position, and the server keeps no log for it yet.
    if (held == null && state != SourceState.CREATING) {
      return new LogFailure(
          Reason.SLOT, "the slot is gone, or was invalidated by max_slot_wal_keep_size");
    }
    if (held != null && held > conditions.config.budget()) {
      return new LogFailure(Reason.BUDGET, overBudget(held));
    }
    var reader = log;
    if (reader != null && reader.gaps() > MOST_GAPS) {
      return new LogFailure(
          Reason.GAPS,
          "more than %d transactions without an event lie between those delivered"
              .formatted(MOST_GAPS));
    }
    return state == SourceState.WAITING && System.nanoTime() - since > COVERED_WITHIN_NANOS
        ? new LogFailure(
            Reason.TIMEOUT,
            "a transaction has been open for over %d s since the slot was created"
                .formatted(COVERED_WITHIN_NANOS / 1_000_000_000L))
        : null;
  }

  /** Returns true while events come from the log. */
  public boolean readsLog() {
    return state == SourceState.LOG;
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
    awaitsConfirm = false;
    var reader = log;
    if (reader != null) {
      reader.stored(position);
    }
  }

  /**
   * Ends the stream. The server drops a temporary slot with the stream's connection, and keeps a
   * permanent slot.
   */
  @Override
  protected Future<Void> stopNow() {
    vertx.cancelTimer(timer);
    begun.tryComplete();
    var reader = log;
    log = null;
    if (reader != null) {
      reader.end();
    }
    dropStream();
    return Future.succeededFuture();
  }
}

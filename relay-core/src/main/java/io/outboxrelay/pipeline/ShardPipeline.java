package io.outboxrelay.pipeline;

import io.outboxrelay.account.AccountReconciler;
import io.outboxrelay.account.CleanUp;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.crashloop.CrashLoopDetector;
import io.outboxrelay.crashloop.OneEventPageSource;
import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.doorbell.Doorbell;
import io.outboxrelay.doorbell.NotificationListener;
import io.outboxrelay.doorbell.WakeupMode;
import io.outboxrelay.outbox.BacklogSampler;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.redelivery.RedeliveryWorker;
import io.outboxrelay.replay.ReplayWorker;
import io.outboxrelay.window.Checkpoint;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that works during a term: the pump from the table to the partitions, the doorbell that
 * wakes it, the clean-up, redelivery, replays, pauses and the crash-loop detector.
 *
 * <p>Lives on one event loop, for one term.
 */
public final class ShardPipeline {
  private final PagePump<Checkpoint> flow;
  private final CleanUp cleanUp;
  private final @Nullable AccountReconciler reconciler;
  private final RedeliveryWorker redeliveryWorker;
  private final @Nullable ReplayWorker runner;
  private final CrashLoopDetector crashLoopDetector;
  private final PauseWatcher pauseWatcher;
  private final BlockedBacklogProbe backlogProbe;
  private final NotificationListener listener;
  private final boolean listens;
  private final long epoch;

  /**
   * The connections and the context of a term.
   *
   * @param reading the connection that holds the lease and reads the outbox
   * @param control another connection, for everything that must not wait behind a read
   * @param destinations the circuit breakers and pauses of this term
   * @param mayPublish true while the relay certainly owns the shard
   */
  public record Site(
      ShardCandidate candidate,
      PgConnection reading,
      PgConnection control,
      DestinationGate destinations,
      BooleanSupplier mayPublish) {
    ShardKey share() {
      return candidate.share();
    }
  }

  private ShardPipeline(
      Vertx vertx,
      Database database,
      RelayConfig config,
      Partitions partitions,
      Site site,
      PagePump<Checkpoint> flow,
      Watched watched,
      PauseWatcher pauseWatcher,
      Doorbell doorbell,
      boolean anyParked) {
    var names = config.outbox().names();
    this.flow = flow;
    this.crashLoopDetector = watched.crashLoopDetector;
    this.epoch = watched.source.epoch();
    this.pauseWatcher = pauseWatcher;
    this.cleanUp =
        new CleanUp(
            vertx,
            site.control(),
            config.outbox(),
            site.share(),
            site.candidate().metrics(),
            () -> floor(flow));
    this.reconciler =
        site.share().shard() == 0
            ? new AccountReconciler(
                vertx, site.control(), names, config.outbox().cleanUpInterval())
            : null;
    this.listener =
        new NotificationListener(
            vertx,
            database,
            site.control(),
            names,
            site.share(),
            config.doorbell().proofInterval(),
            site.candidate().metrics(),
            doorbell::ring);
    this.redeliveryWorker =
        new RedeliveryWorker(
            vertx,
            database,
            site.control(),
            partitions,
            scope(config, site, watched.source.owner()),
            anyParked);
    this.runner =
        site.share().shard() == 0
            ? new ReplayWorker(
                vertx,
                site.control(),
                runnerScope(database, config, site, () -> flow.isFull() || pauseWatcher.isSet()),
                site.candidate().self().name(),
                watched.source.epoch())
            : null;
    this.backlogProbe =
        new BlockedBacklogProbe(
            vertx,
            flow,
            site.destinations(),
            site.candidate().broker(),
            new BacklogSampler(site.control(), names, site.share(), watched.payload),
            config.deferAfter());
    listener.onDeadLetters(this::look);
    listener.onReplays(this::lookForReplays);
    listener.onPauses(pauseWatcher::look);
    pauseWatcher.onChange(this::pauseWatcher);
    if (pauseWatcher.isOn()) {
      pauseWatcher();
    }
    crashLoopDetector.onCalm(this::lookAround);
    var loop = vertx.getOrCreateContext();
    site.destinations().onChange(() -> loop.runOnContext(changed -> look()));
    this.listens = config.doorbell().wakeup() == WakeupMode.DOORBELL;
    if (listens) {
      doorbell.listenTo(listener);
    }
  }

  /**
   * A shard that was taken over: its epoch is raised, so a former owner can write nothing more.
   *
   * @param source continues from the checkpoint
   */
  public record Takeover(Doorbell doorbell, TableSource source, PayloadType payload) {}

  /** Takes over the shard by raising its epoch; no event is read yet. */
  public static Future<Takeover> takeOver(Vertx vertx, RelayConfig config, Site site) {
    var names = config.outbox().names();
    var doorbell =
        new Doorbell(
            vertx,
            site.reading(),
            names,
            site.share().shard(),
            config.doorbell(),
            site.candidate().metrics());
    return OutboxTable.payloadType(site.reading(), names)
        .compose(
            payload ->
                source(vertx, config, names, site, doorbell, payload)
                    .map(source -> new Takeover(doorbell, source, payload)));
  }

  /**
   * Builds the pipeline; it is ready to continue from the checkpoint with {@link #start}.
   *
   * @param buried the dead letters of the shard
   */
  public static Future<ShardPipeline> open(
      Vertx vertx,
      Database database,
      RelayConfig config,
      Partitions partitions,
      Site site,
      Takeover taken,
      DeadLetterSnapshot buried,
      Consumer<Throwable> onFailure) {
    return crashLoopDetector(vertx, config, site)
        .map(
            crashLoopDetector ->
                new Watched(taken.source, taken.payload, crashLoopDetector, buried))
        .compose(
            watched ->
                pauseWatcher(vertx, config, site)
                    .map(pauseWatcher -> new Braked(watched, pauseWatcher)))
        .map(
            made ->
                new ShardPipeline(
                    vertx,
                    database,
                    config,
                    partitions,
                    site,
                    new PagePump<>(
                        vertx,
                        made.watched.wary(vertx),
                        partitions,
                        config,
                        site.candidate().metrics(),
                        site.destinations().breakers()::acceptNothing,
                        onFailure),
                    made.watched,
                    made.pauseWatcher,
                    taken.doorbell,
                    buried.isAny()));
  }

  private record Watched(
      TableSource source,
      PayloadType payload,
      CrashLoopDetector crashLoopDetector,
      DeadLetterSnapshot buried) {
    OneEventPageSource<Checkpoint> wary(Vertx vertx) {
      return new OneEventPageSource<>(
          vertx, new LookedUpSource<>(source, buried), crashLoopDetector, source.start());
    }
  }

  private record Braked(Watched watched, PauseWatcher pauseWatcher) {}

  private static Future<PauseWatcher> pauseWatcher(Vertx vertx, RelayConfig config, Site site) {
    return new PauseWatcher(
            vertx,
            site.control(),
            config.outbox().names(),
            config.doorbell().fallbackInterval(),
            site.destinations(),
            site.candidate().onCall())
        .apply();
  }

  private static Future<CrashLoopDetector> crashLoopDetector(
      Vertx vertx, RelayConfig config, Site site) {
    int atOnce = config.readAheadEvents() + config.pageEvents();
    var limits =
        new CrashLoopDetector.Limits(site.share().shard(), config.deathsBeforeParking(), atOnce);
    return CrashLoopDetector.begin(vertx, site.reading(), config.outbox().names(), limits);
  }

  /** Returns the shard to read and the bounds of a page. */
  public static TableSource.Portions portions(
      RelayConfig config, ShardKey share, PayloadType payload) {
    return new TableSource.Portions(
        share, payload, config.pageEvents(), config.pageBytes(), config.maxEventBytes());
  }

  private static Future<TableSource> source(
      Vertx vertx,
      RelayConfig config,
      OutboxNames names,
      Site site,
      Doorbell doorbell,
      PayloadType payload) {
    return TableSource.open(
        vertx,
        site.reading(),
        names,
        site.candidate().self().name(),
        site.candidate().self().configFingerprint(),
        doorbell,
        portions(config, site.share(), payload),
        site.candidate().metrics(),
        site.candidate().onCall());
  }

  private static RedeliveryWorker.Scope scope(RelayConfig config, Site site, OwnerEpoch owner) {
    return new RedeliveryWorker.Scope(
        config.outbox().names(),
        site.share(),
        owner,
        config.doorbell().fallbackInterval(),
        config.retryAfter(),
        config.answerTimeout(),
        config.maxEventBytes(),
        site.destinations());
  }

  private static ReplayWorker.Scope runnerScope(
      Database database, RelayConfig config, Site site, BooleanSupplier isBusy) {
    return new ReplayWorker.Scope(
        database,
        config.outbox().names(),
        site.candidate().broker(),
        config.retry(),
        site.mayPublish(),
        isBusy,
        config.doorbell().fallbackInterval(),
        config.answerTimeout(),
        config.pageBytes(),
        config.maxEventBytes(),
        site.candidate().replays());
  }

  private static long floor(PagePump<Checkpoint> flow) {
    var confirmed = flow.confirmed();
    return confirmed == null ? Long.MIN_VALUE : confirmed.floor();
  }

  /** Returns the epoch of this term. */
  public long epoch() {
    return epoch;
  }

  /**
   * Starts publishing. Does not wait for the doorbell: the reader polls until the doorbell is
   * proven to be heard.
   */
  public void start() {
    if (listens) {
      listener.start();
    }
    flow.start();
    cleanUp.start();
    if (reconciler != null) {
      reconciler.start();
    }
    pauseWatcher.start();
    backlogProbe.start();
    lookAround();
  }

  private void lookAround() {
    look();
    lookForReplays();
  }

  /** Returns true if everything is paused. May be called on any thread. */
  public boolean isPaused() {
    return pauseWatcher.isOn();
  }

  /** See {@link PagePump#isHeldUp}. */
  public boolean isHeldUp() {
    return flow.isHeldUp();
  }

  /**
   * Applies a pause of everything, or its end. The lease is kept during a pause, so that no other
   * relay takes over.
   */
  private void pauseWatcher() {
    if (pauseWatcher.isOn()) {
      flow.pause();
      redeliveryWorker.pause();
    } else {
      flow.resume();
      redeliveryWorker.resume();
    }
  }

  /**
   * Redelivers dead letters, except while the crash-loop detector is wary: every event in flight
   * must be noted then, and redelivered events are not.
   */
  private void look() {
    if (!crashLoopDetector.isWary()) {
      redeliveryWorker.look();
    }
  }

  /** Runs replays, with the exception explained at {@link #look}. */
  private void lookForReplays() {
    if (runner != null && !crashLoopDetector.isWary()) {
      runner.look();
    }
  }

  /**
   * Ends the work in good order, see {@link PagePump#drain}. The caller must still call {@link
   * #close}.
   */
  public Future<Long> drain(Duration bound) {
    var replayed = redeliveryWorker.drain(bound);
    var rerun = runner == null ? Future.<Void>succeededFuture() : runner.drain(bound);
    return flow.drain(bound)
        .eventually(() -> replayed)
        .eventually(() -> rerun)
        .eventually(crashLoopDetector::end);
  }

  /** Stops everything at once; completes when the listener, redelivery and replays have ended. */
  public Future<Void> close() {
    flow.abandon();
    cleanUp.stop();
    if (reconciler != null) {
      reconciler.stop();
    }
    crashLoopDetector.stop();
    pauseWatcher.stop();
    backlogProbe.stop();
    var rerun = runner == null ? Future.<Void>succeededFuture() : runner.stop();
    return Future.join(listener.close(), redeliveryWorker.stop(), rerun).mapEmpty();
  }
}

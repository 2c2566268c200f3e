package io.outboxrelay.pipeline;

import io.outboxrelay.account.AccountReconciler;
import io.outboxrelay.account.RetentionCleanup;
import io.outboxrelay.doorbell.Notice;
import io.outboxrelay.doorbell.NotificationListener;
import io.outboxrelay.doorbell.WakeupMode;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.lifecycle.ServiceGroup;
import io.outboxrelay.outbox.BacklogSampler;
import io.outboxrelay.outbox.SlotNames;
import io.outboxrelay.pause.PauseWatcher;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.poison.CrashHistory;
import io.outboxrelay.poison.OneEventPageSource;
import io.outboxrelay.poison.PoisonEventDetector;
import io.outboxrelay.publish.DestinationLookup;
import io.outboxrelay.redelivery.RedeliverySchedule;
import io.outboxrelay.redelivery.RedeliveryWorker;
import io.outboxrelay.replay.ReplayGate;
import io.outboxrelay.replay.ReplayLimits;
import io.outboxrelay.replay.ReplayWorker;
import io.outboxrelay.source.SourceRecorder;
import io.outboxrelay.source.SourceSwitch;
import io.outboxrelay.window.ReadPosition;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The services that work during a term: the pump from the table to the partitions, the doorbell
 * that wakes the pump, and the services for the clean-up, redelivery, replays, pauses and events
 * that crash the process.
 *
 * <p>Runs on one event loop, for one term.
 */
public final class ShardPipeline {
  private final TermResources term;
  private final ShardTakeover takeover;
  private final PoisonEventDetector poisonEventDetector;
  private final SourceSwitch source;
  private final PagePump<ReadPosition> pump;
  private final PauseWatcher pauseWatcher;
  private final RedeliveryWorker redeliveryWorker;
  private final @Nullable ReplayWorker replayWorker;
  private final ServiceGroup services;

  /**
   * Builds the pipeline of a shard that was taken over; it continues from the checkpoint once it is
   * started.
   */
  public static Future<ShardPipeline> open(TermResources term, ShardTakeover takeover) {
    var shard = term.shard();
    var slots = SlotNames.read(term.reader(), shard.names());
    var pauses = Pauses.read(term.control(), shard.names());
    return CrashHistory.begin(term.reader(), shard.names(), shard.share().shard())
        .compose(
            history ->
                Future.all(slots, pauses)
                    .map(
                        read ->
                            new ShardPipeline(
                                term, takeover, history, slots.result(), pauses.result())));
  }

  private ShardPipeline(
      TermResources term,
      ShardTakeover takeover,
      CrashHistory history,
      SlotNames slots,
      Pauses pauses) {
    this.term = term;
    this.takeover = takeover;
    this.poisonEventDetector = detector(history);
    this.source = source(slots);
    this.pump = pump();
    this.pauseWatcher =
        new PauseWatcher(
            vertx(),
            PauseWatcher.Source.of(term.control(), term.shard().names()),
            term.shard().config().source().doorbell().fallbackInterval(),
            new PauseWatcher.Listener() {
              @Override
              public void changed(Pauses now) {
                apply(now);
              }

              @Override
              public void called() {
                term.shard().onCall().run();
              }
            });
    this.redeliveryWorker = redeliveryWorker();
    this.replayWorker = term.shard().share().shard() == 0 ? replayWorker() : null;
    this.services = new ServiceGroup(inOrderOfStart());
    pauseWatcher.passOn(pauses);
    var loop = vertx().getOrCreateContext();
    term.destinations().onChange(() -> loop.runOnContext(changed -> redeliveryWorker.look()));
  }

  /**
   * Returns the services in the order in which they start. The pump starts last, and is told first
   * to drain or stop.
   */
  private List<Service> inOrderOfStart() {
    var all = new ArrayList<Service>();
    all.add(poisonEventDetector);
    if (term.shard().config().source().doorbell().wakeup() == WakeupMode.DOORBELL) {
      var listener = listener();
      takeover.doorbell().listenTo(listener);
      all.add(listener);
    }
    all.add(cleanUp());
    all.add(pauseWatcher);
    all.add(backlogProbe());
    all.add(redeliveryWorker);
    if (replayWorker != null) {
      all.add(replayWorker);
      all.add(accountReconciler());
    }
    all.add(source);
    all.add(pump);
    return all;
  }

  private Vertx vertx() {
    return term.shard().vertx();
  }

  private PoisonEventDetector detector(CrashHistory history) {
    var config = term.shard().config();
    var limits =
        new PoisonEventDetector.Limits(
            term.shard().share().shard(),
            config.failures().crashesBeforeRejection(),
            config.readAhead().events() + config.readAhead().pageEvents());
    return new PoisonEventDetector(
        vertx(), term.reader(), term.shard().names(), limits, history, this::lookAround);
  }

  private SourceSwitch source(SlotNames slots) {
    var shard = term.shard();
    var site =
        new SourceSwitch.Site(
            new SourceSwitch.Server(shard.relay().database(), term.reader(), slots),
            shard.pageLimits(takeover.payload()),
            new SourceRecorder(shard.health(), shard.metrics()),
            () -> !poisonEventDetector.isOneByOne(),
            shard.onCall());
    return SourceSwitch.create(vertx(), takeover.source(), shard.config().source().log(), site);
  }

  private PagePump<ReadPosition> pump() {
    var shard = term.shard();
    var lookedUp = new LookedUpSource<>(source, takeover.buried());
    return new PagePump<>(
        vertx(),
        new OneEventPageSource<ReadPosition>(
            vertx(), lookedUp, poisonEventDetector, takeover.source().start()),
        PagePublisher.to(shard.partitions(), term.destinations().breakers()::acceptNothing),
        PagePump.Limits.of(shard.config()),
        new PumpRecorder(shard.health(), shard.metrics()),
        term.onFailure());
  }

  private NotificationListener listener() {
    var shard = term.shard();
    return new NotificationListener(
        shard.relay().database(),
        term.control(),
        new NotificationListener.Channel(
            shard.names(), shard.share(), shard.config().source().doorbell().selfTestInterval()),
        shard.health(),
        shard.metrics(),
        this::notified);
  }

  /**
   * Creates the reconciler. Like the replays, it runs only in the term of shard 0, on behalf of all
   * shards.
   */
  private AccountReconciler accountReconciler() {
    return new AccountReconciler(
        vertx(),
        term.control(),
        term.shard().names(),
        term.shard().config().outbox().cleanUpInterval());
  }

  private RetentionCleanup cleanUp() {
    var shard = term.shard();
    return new RetentionCleanup(
        vertx(),
        term.control(),
        shard.config().outbox(),
        shard.share(),
        shard.metrics(),
        this::floor);
  }

  private BlockedBacklogProbe backlogProbe() {
    var shard = term.shard();
    var sampler =
        new BacklogSampler(term.control(), shard.names(), shard.share(), takeover.payload());
    return new BlockedBacklogProbe(
        vertx(),
        pump,
        term.destinations(),
        DestinationLookup.emptyWhereNone(shard.relay().broker()::destination),
        sampler::after,
        shard.config().failures().deferAfter());
  }

  private RedeliveryWorker redeliveryWorker() {
    var shard = term.shard();
    var config = shard.config();
    var scope =
        new RedeliveryWorker.Scope(
            shard.names(),
            shard.share(),
            takeover.source().owner(),
            new RedeliverySchedule(
                config.source().doorbell().fallbackInterval(),
                config.failures().retryAfter(),
                config.failover().answerTimeout()),
            config.readAhead().maxEventBytes(),
            term.destinations());
    return new RedeliveryWorker(
        shard.relay().database(),
        term.control(),
        shard.partitions(),
        scope,
        takeover.buried().isAny(),
        () -> poisonEventDetector.isOneByOne() || isPaused());
  }

  private ReplayWorker replayWorker() {
    var shard = term.shard();
    var config = shard.config();
    var scope =
        new ReplayWorker.Scope(
            shard.names(),
            shard.relay().broker(),
            replayGate(),
            new ReplayLimits(
                config.failures().backoff(),
                config.source().doorbell().fallbackInterval(),
                config.failover().answerTimeout(),
                config.readAhead().pageBytes(),
                config.readAhead().maxEventBytes()),
            shard.relay().metrics().replays());
    return new ReplayWorker(
        shard.relay().database(), term.control(), scope, shard.relay().self().name(), epoch());
  }

  /**
   * Returns the conditions for replays. No replay begins while the {@link PoisonEventDetector} has
   * events published one by one: during this time, every event in flight must be noted in the
   * database, and replayed events are not noted.
   */
  private ReplayGate replayGate() {
    return new ReplayGate() {
      @Override
      public boolean mayBegin() {
        return !poisonEventDetector.isOneByOne();
      }

      @Override
      public boolean mayPublish() {
        return term.mayPublish();
      }

      @Override
      public boolean isBusy() {
        return pump.isFull() || pauseWatcher.isSet();
      }
    };
  }

  private long floor() {
    var confirmed = pump.confirmed();
    return confirmed == null ? Long.MIN_VALUE : confirmed.floor();
  }

  private void notified(Notice notice) {
    switch (notice) {
      case EVENTS -> takeover.doorbell().ring();
      case DEAD_LETTERS -> redeliveryWorker.look();
      case REPLAYS -> lookForReplays();
      case PAUSES -> pauseWatcher.look();
    }
  }

  private void lookAround() {
    redeliveryWorker.look();
    lookForReplays();
  }

  private void lookForReplays() {
    if (replayWorker != null) {
      replayWorker.look();
    }
  }

  /**
   * Applies the pauses. The lease is kept during a pause of everything, so that no other relay
   * takes over.
   */
  private void apply(Pauses now) {
    term.destinations().pause(now);
    if (now.ofAll().isPresent()) {
      pump.pause();
      redeliveryWorker.interrupt();
    } else {
      pump.resume();
      redeliveryWorker.look();
    }
  }

  /** Returns the epoch of this term. */
  public long epoch() {
    return takeover.source().epoch();
  }

  /** Returns true if everything is paused. May be called on any thread. */
  public boolean isPaused() {
    return pauseWatcher.isOn();
  }

  /** See {@link PagePump#isHeldUp}. */
  public boolean isHeldUp() {
    return pump.isHeldUp();
  }

  /**
   * Starts publishing. Does not wait for the doorbell: the reader polls until a first notification
   * has shown that the doorbell works.
   */
  public Future<Void> start() {
    return services.start();
  }

  /**
   * Drains all services, see {@link PagePump#drainNow}. The caller must still call {@link #stop}.
   *
   * @return the number of events that were read and not confirmed
   */
  public Future<Long> drain() {
    return services
        .drain(term.shard().config().failover().stopTimeout())
        .eventually(poisonEventDetector::end)
        .map(drained -> pump.unconfirmed());
  }

  /** Stops all services at once; completes when every service has stopped. */
  public Future<Void> stop() {
    return services.stop();
  }
}

package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.Buried;
import io.outboxrelay.doorbell.Doorbell;
import io.outboxrelay.doorbell.Listener;
import io.outboxrelay.doorbell.Wakeup;
import io.outboxrelay.history.Runner;
import io.outboxrelay.outbox.CleanUp;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.outbox.Sounding;
import io.outboxrelay.partition.Destinations;
import io.outboxrelay.partition.Partitions;
import io.outboxrelay.replay.Replayer;
import io.outboxrelay.vigil.Vigil;
import io.outboxrelay.vigil.WarySource;
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
 * What works while a shard is owned: the flow from the table to the partitions, the bell that wakes
 * it, the clean-up behind it, and what brings dead letters back.
 *
 * <p>Lives on one event loop, for one tenure.
 */
final class Pipeline {
  private final Flow<Checkpoint> flow;
  private final CleanUp cleanUp;
  private final Replayer replayer;
  private final @Nullable Runner runner;
  private final Vigil vigil;
  private final Brake brake;
  private final Lookout lookout;
  private final Listener listener;
  private final boolean listens;
  private final long epoch;

  /**
   * Where it works.
   *
   * @param reading the connection that owns the shard
   * @param control another one, for all that must not wait behind the reading
   * @param destinations what is known of them in this tenure
   * @param mayPublish whether the shard is still ours for certain
   */
  record Site(
      Tenure.Candidate candidate,
      PgConnection reading,
      PgConnection control,
      Destinations destinations,
      BooleanSupplier mayPublish) {
    Share share() {
      return candidate.share();
    }
  }

  private Pipeline(
      Vertx vertx,
      Database database,
      RelayConfig config,
      Partitions partitions,
      Site site,
      Flow<Checkpoint> flow,
      Watched watched,
      Brake brake,
      Doorbell doorbell,
      boolean anyParked) {
    var names = config.outbox().names();
    this.flow = flow;
    this.vigil = watched.vigil;
    this.epoch = watched.source.epoch();
    this.brake = brake;
    this.cleanUp =
        new CleanUp(
            vertx,
            site.control(),
            config.outbox(),
            site.share(),
            site.candidate().meters(),
            () -> floor(flow));
    this.listener =
        new Listener(
            vertx,
            database,
            site.control(),
            names,
            site.share(),
            config.doorbell().proofInterval(),
            site.candidate().meters(),
            doorbell::ring);
    this.replayer =
        new Replayer(
            vertx,
            database,
            site.control(),
            partitions,
            scope(config, site, watched.source.owner()),
            anyParked);
    this.runner =
        site.share().shard() == 0
            ? new Runner(
                vertx,
                site.control(),
                runnerScope(database, config, site, () -> flow.isFull() || brake.isSet()),
                site.candidate().self().name(),
                watched.source.epoch())
            : null;
    this.lookout =
        new Lookout(
            vertx,
            flow,
            site.destinations(),
            site.candidate().broker(),
            new Sounding(site.control(), names, site.share(), watched.payload),
            config.deferAfter());
    listener.onDeadLetters(this::look);
    listener.onReplays(this::lookForReplays);
    listener.onPauses(brake::look);
    brake.onChange(this::brake);
    if (brake.isOn()) {
      brake();
    }
    vigil.onCalm(this::lookAround);
    var loop = vertx.getOrCreateContext();
    site.destinations().onChange(() -> loop.runOnContext(changed -> look()));
    this.listens = config.doorbell().wakeup() == Wakeup.DOORBELL;
    if (listens) {
      doorbell.listenTo(listener);
    }
  }

  /**
   * The shard, taken over from whoever had it: from now on a former owner can write nothing.
   *
   * @param source goes on from the checkpoint
   */
  record Takeover(Doorbell doorbell, TableSource source, PayloadType payload) {}

  /** Takes over the shard; nothing is read yet. */
  static Future<Takeover> takeOver(Vertx vertx, RelayConfig config, Site site) {
    var names = config.outbox().names();
    var doorbell =
        new Doorbell(
            vertx,
            site.reading(),
            names,
            site.share().shard(),
            config.doorbell(),
            site.candidate().meters());
    return OutboxTable.payloadType(site.reading(), names)
        .compose(
            payload ->
                source(vertx, config, names, site, doorbell, payload)
                    .map(source -> new Takeover(doorbell, source, payload)));
  }

  /**
   * Makes ready to go on from the checkpoint.
   *
   * @param buried what stands in the dead letters
   */
  static Future<Pipeline> open(
      Vertx vertx,
      Database database,
      RelayConfig config,
      Partitions partitions,
      Site site,
      Takeover taken,
      Buried buried,
      Consumer<Throwable> onFailure) {
    return vigil(vertx, config, site)
        .map(vigil -> new Watched(taken.source, taken.payload, vigil, buried))
        .compose(watched -> brake(vertx, config, site).map(brake -> new Braked(watched, brake)))
        .map(
            made ->
                new Pipeline(
                    vertx,
                    database,
                    config,
                    partitions,
                    site,
                    new Flow<>(
                        vertx,
                        made.watched.wary(vertx),
                        partitions,
                        config,
                        site.candidate().meters(),
                        site.destinations()::takeNothing,
                        onFailure),
                    made.watched,
                    made.brake,
                    taken.doorbell,
                    buried.isAny()));
  }

  private record Watched(TableSource source, PayloadType payload, Vigil vigil, Buried buried) {
    WarySource<Checkpoint> wary(Vertx vertx) {
      return new WarySource<>(vertx, new LookedUpSource<>(source, buried), vigil, source.start());
    }
  }

  private record Braked(Watched watched, Brake brake) {}

  private static Future<Brake> brake(Vertx vertx, RelayConfig config, Site site) {
    return new Brake(
            vertx,
            site.control(),
            config.outbox().names(),
            config.doorbell().fallbackInterval(),
            site.destinations(),
            site.candidate().onCall())
        .apply();
  }

  private static Future<Vigil> vigil(Vertx vertx, RelayConfig config, Site site) {
    int atOnce = config.readAheadEvents() + config.pageEvents();
    var limits = new Vigil.Limits(site.share().shard(), config.deathsBeforeParking(), atOnce);
    return Vigil.begin(vertx, site.reading(), config.outbox().names(), limits);
  }

  /** What to read, and how much at a time. */
  static TableSource.Portions portions(RelayConfig config, Share share, PayloadType payload) {
    return new TableSource.Portions(
        share,
        payload,
        config.pageEvents(),
        config.pageBytes(),
        config.maxEventBytes(),
        config.doorbell().pace(),
        config.doorbell().paceLimit());
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
        site.candidate().self().conduct(),
        doorbell,
        portions(config, site.share(), payload),
        site.candidate().meters(),
        site.candidate().onCall());
  }

  private static Replayer.Scope scope(RelayConfig config, Site site, OwnerEpoch owner) {
    return new Replayer.Scope(
        config.outbox().names(),
        site.share(),
        owner,
        config.doorbell().fallbackInterval(),
        config.retryAfter(),
        config.answerTimeout(),
        config.maxEventBytes(),
        site.destinations());
  }

  private static Runner.Scope runnerScope(
      Database database, RelayConfig config, Site site, BooleanSupplier isBusy) {
    return new Runner.Scope(
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

  private static long floor(Flow<Checkpoint> flow) {
    var confirmed = flow.confirmed();
    return confirmed == null ? Long.MIN_VALUE : confirmed.floor();
  }

  /** Under which it owns the shard. */
  long epoch() {
    return epoch;
  }

  /**
   * Begins to publish. The bell is not waited for: until it is proven to be heard, there is
   * polling.
   */
  void start() {
    if (listens) {
      listener.start();
    }
    flow.start();
    cleanUp.start();
    brake.start();
    lookout.start();
    lookAround();
  }

  private void lookAround() {
    look();
    lookForReplays();
  }

  /** Whether everything is paused; may be asked on any thread. */
  boolean isPaused() {
    return brake.isOn();
  }

  /** See {@link Flow#isHeldUp}. */
  boolean isHeldUp() {
    return flow.isHeldUp();
  }

  /** The lease is kept: a pause is no reason for others to take over. */
  private void brake() {
    if (brake.isOn()) {
      flow.pause();
      replayer.pause();
    } else {
      flow.resume();
      replayer.resume();
    }
  }

  /** What a wary relay publishes must be noted, and letters are not. */
  private void look() {
    if (!vigil.isWary()) {
      replayer.look();
    }
  }

  /** Nor are the events of the history. */
  private void lookForReplays() {
    if (runner != null && !vigil.isWary()) {
      runner.look();
    }
  }

  /** Ends in good order, see {@link Flow#drain}; to be closed all the same. */
  Future<Long> drain(Duration bound) {
    var replayed = replayer.drain(bound);
    var rerun = runner == null ? Future.<Void>succeededFuture() : runner.drain(bound);
    return flow.drain(bound)
        .eventually(() -> replayed)
        .eventually(() -> rerun)
        .eventually(vigil::end);
  }

  /** Ends at once; completes when the bell is let go of. */
  Future<Void> close() {
    flow.abandon();
    cleanUp.stop();
    vigil.stop();
    brake.stop();
    lookout.stop();
    var rerun = runner == null ? Future.<Void>succeededFuture() : runner.stop();
    return Future.join(listener.close(), replayer.stop(), rerun).mapEmpty();
  }
}

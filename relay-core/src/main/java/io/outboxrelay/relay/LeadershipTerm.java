package io.outboxrelay.relay;

import io.outboxrelay.crashloop.CrashLoopDetector;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.PoolerCheck;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.dispatch.DestinationBreakers;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.dispatch.TermContext;
import io.outboxrelay.metrics.ReplayMetrics;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.relay.MonitoredConnections.Watched;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One term of owning a shard: from winning the lease to losing its connection, or stopping.
 *
 * <p>Everything held in memory belongs to the tenure and is forgotten with it; the next one begins
 * at the stored checkpoint.
 */
final class LeadershipTerm {
  private static final Duration BURIED_AGAIN_AFTER = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Database database;
  private final RelayConfig config;
  private final OutboxNames names;
  private final Partitions partitions;
  private final Candidate candidate;
  private final MonitoredConnections connections;
  private final DestinationBreakers destinations;
  private final Promise<Void> over = Promise.promise();
  private volatile @Nullable ShardPipeline pipeline;
  private @Nullable Future<Prepared> prepared;
  private volatile boolean owns;
  private boolean published;
  private @Nullable Future<Void> ended;

  private record Prepared(Watched reading, PgConnection control) {}

  /**
   * Who wants to own what.
   *
   * @param broker for what goes another way than through the partitions
   * @param metrics count what is done for the shard
   * @param replays count what replays of the history send
   * @param onCall told, again and again, when all owners are called to let go of their shards
   */
  record Candidate(
      ShardKey share,
      RelayIdentity self,
      Broker broker,
      ShardMetrics metrics,
      ReplayMetrics replays,
      Runnable onCall) {}

  /** Does nothing until {@link #prepare} or {@link #campaign}. */
  LeadershipTerm(
      Vertx vertx,
      Database database,
      RelayConfig config,
      Partitions partitions,
      Candidate candidate) {
    this.vertx = vertx;
    this.database = database;
    this.config = config;
    this.names = config.outbox().names();
    this.partitions = partitions;
    this.candidate = candidate;
    this.destinations = new DestinationBreakers(config.deferAfter(), config.retry());
    this.connections = new MonitoredConnections(vertx, database, this::fail);
  }

  /** Fails, on the event loop, with what makes going on impossible; never completes otherwise. */
  Future<Void> over() {
    return over.future();
  }

  /**
   * Does all that can be done without the lease, and rehearses; a campaign that follows needs as
   * much less. A later call rehearses once more, as what was looked up is forgotten.
   */
  Future<Void> prepare() {
    return prepared().compose(opened -> rehearse(opened.reading()));
  }

  /**
   * Waits for the lease, for as long as another relay has it, and begins to publish, from the
   * stored checkpoint on. Where there are several shards there is no waiting: fails with {@link
   * LeaseTakenException}.
   *
   * @param onConnected called when the database has answered and holds an outbox
   */
  Future<Void> campaign(Runnable onConnected) {
    return prepared()
        .onSuccess(opened -> onConnected.run())
        .compose(
            opened ->
                lease(opened.reading())
                    .compose(
                        won -> {
                          owns = ended == null;
                          return begin(opened.reading(), opened.control());
                        }));
  }

  private Future<Prepared> prepared() {
    var before = prepared;
    if (before != null) {
      return before;
    }
    // A relay that polls now and then is never so quiet that it must be asked.
    var quiet = config.answerTimeout().multipliedBy(2).dividedBy(3);
    var reading = connections.open(quiet, config.answerTimeout());
    var control = control();
    var opened =
        Future.all(reading, control)
            .compose(both -> verify(reading.result().connection()))
            .map(verified -> new Prepared(reading.result(), control.result()));
    prepared = opened;
    return opened;
  }

  private Future<Void> verify(PgConnection reading) {
    return PoolerCheck.verify(database, reading)
        .compose(kept -> reading.query(TableSource.PLAN).execute())
        .compose(set -> Lease.bound(reading, config.leaseTimeout()))
        .compose(bounded -> OutboxTable.verify(reading, names))
        .compose(verified -> ShardLayout.read(reading, names))
        .compose(this::verify);
  }

  private Future<Void> verify(ShardLayout shardLayout) {
    int shards = shardLayout.inForce();
    return shards == candidate.share().of()
        ? Future.succeededFuture()
        : Future.failedFuture(new ShardCountChangedException(shards));
  }

  private Future<Void> lease(Watched reading) {
    var share = candidate.share();
    var connection = reading.connection();
    return share.of() == 1
        ? Lease.await(vertx, connection, names, share, candidate.self(), () -> rehearse(reading))
        : Lease.take(vertx, connection, names, share, candidate.self())
            .recover(taken -> survived(connection).transform(told -> Future.failedFuture(taken)));
  }

  /** If this process lost the shard with its connection, its successor has counted a crash. */
  private Future<Void> survived(PgConnection connection) {
    return CrashLoopDetector.survived(connection, names, candidate.share().shard());
  }

  /**
   * A cold start takes longer than all else in a change of owners; a failure is left to the real
   * one.
   */
  private Future<Void> rehearse(Watched watched) {
    var reading = watched.connection();
    return survived(reading)
        .compose(told -> OutboxTable.payloadType(reading, names))
        .compose(
            payload ->
                TableSource.rehearse(
                    reading, names, ShardPipeline.portions(config, candidate.share(), payload)))
        .onSuccess(
            events -> {
              // Partitions that have stopped would connect again, for good.
              if (ended == null) {
                partitions.warmUp(events);
              }
            })
        .transform(whatever -> Future.succeededFuture());
  }

  /**
   * The shard is taken over before anything else: what a former owner writes to the dead letters
   * until then is read here, and later it can write nothing.
   */
  private Future<Void> begin(Watched reading, PgConnection control) {
    var site =
        new ShardPipeline.Site(
            candidate, reading.connection(), control, destinations, reading.heartbeat()::isFelt);
    return ShardPipeline.takeOver(vertx, config, site)
        .compose(
            taken ->
                DeadLetterSnapshot.read(reading.connection(), names, candidate.share())
                    .compose(buried -> begin(reading, site, taken, buried)));
  }

  private Future<Void> begin(
      Watched reading,
      ShardPipeline.Site site,
      ShardPipeline.Takeover taken,
      DeadLetterSnapshot buried) {
    return beginTerm(reading, site.control(), buried, taken.source().owner())
        .compose(
            begun ->
                ShardPipeline.open(
                    vertx, database, config, partitions, site, taken, buried, this::fail))
        .compose(opened -> unlessEnded(() -> start(opened, buried)));
  }

  /** Proofs of hearing go over it, and are signs of life; without them it is asked as often. */
  private Future<PgConnection> control() {
    Duration quiet = config.doorbell().proofInterval().plus(config.answerTimeout());
    return connections.open(quiet, quiet.plus(config.answerTimeout())).map(Watched::connection);
  }

  private Future<Void> beginTerm(
      Watched reading, PgConnection control, DeadLetterSnapshot buried, OwnerEpoch owner) {
    var loop = vertx.getOrCreateContext();
    var term =
        new TermContext(
            new DeadLetterWriter(control, names, owner, this::later),
            config.rejections(),
            reading.heartbeat()::isFelt,
            buried,
            destinations,
            failure -> loop.runOnContext(event -> fail(failure)));
    return unlessEnded(
        () -> {
          published = true;
          return partitions.begin(term);
        });
  }

  private void later(Runnable action) {
    vertx.setTimer(
        BURIED_AGAIN_AFTER.toMillis(),
        passed -> {
          if (ended == null) {
            action.run();
          }
        });
  }

  private Future<Void> start(ShardPipeline opened, DeadLetterSnapshot buried) {
    pipeline = opened;
    var knowing =
        new ShardMetrics.Leader(
            () -> buried.parked().size(), destinations::closed, destinations::failing);
    candidate.metrics().leads(opened.epoch(), knowing);
    opened.start();
    return Future.succeededFuture();
  }

  /** Whether it has won the lease and has not ended since; may be asked on any thread. */
  boolean owns() {
    return owns;
  }

  /** Whether everything is paused; may be asked on any thread. */
  boolean isPaused() {
    var working = pipeline;
    return working != null && working.isPaused();
  }

  /** See {@link PagePump#isHeldUp}. */
  boolean isHeldUp() {
    var working = pipeline;
    return working != null && working.isHeldUp();
  }

  /** Steps that wait for an answer go on here, and the tenure may have ended meanwhile. */
  private Future<Void> unlessEnded(Supplier<Future<Void>> step) {
    return ended == null ? step.get() : Future.failedFuture("the tenure has ended");
  }

  /**
   * Ends in good order: see {@link PagePump#drain}.
   *
   * @return how many events were given up
   */
  Future<Long> drain() {
    var working = pipeline;
    return working == null
        ? end().map(0L)
        : working.drain(config.stopTimeout()).eventually(this::end);
  }

  /**
   * Ends at once, at whatever stage; completes when nothing of it is in flight. The lease is the
   * last to go, or a successor could overtake what is. A second call changes nothing.
   */
  Future<Void> end() {
    var ending = ended;
    if (ending != null) {
      return ending;
    }
    Promise<Void> done = Promise.promise();
    ended = done.future();
    owns = false;
    candidate.metrics().ends();
    var working = pipeline;
    var closed = working == null ? Future.<Void>succeededFuture() : working.close();
    // Those of a tenure that never came so far may have begun with another.
    var silent = published ? partitions.end() : Future.<Void>succeededFuture();
    Future.join(closed, silent)
        .eventually(connections::close)
        .onComplete(nothingInFlight -> done.complete());
    return done.future();
  }

  private void fail(Throwable failure) {
    if (ended == null) {
      over.tryFail(failure);
    }
  }
}

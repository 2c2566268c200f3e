package io.outboxrelay.leadership;

import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.crashloop.CrashLoopDetector;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.MonitoredConnections;
import io.outboxrelay.database.MonitoredConnections.Watched;
import io.outboxrelay.database.PoolerCheck;
import io.outboxrelay.database.ServerKeepalive;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.dispatch.TermContext;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.pipeline.ShardCandidate;
import io.outboxrelay.pipeline.ShardPipeline;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One term of owning a shard: from acquiring the lease to losing a connection, or stopping.
 *
 * <p>Everything held in memory belongs to the term and is dropped with it; the next term begins at
 * the stored checkpoint. Lives on one event loop.
 */
final class LeadershipTerm {
  private static final Duration BURIED_AGAIN_AFTER = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Database database;
  private final RelayConfig config;
  private final OutboxNames names;
  private final Partitions partitions;
  private final ShardCandidate candidate;
  private final MonitoredConnections connections;
  private final DestinationGate destinations;
  private final Promise<Void> over = Promise.promise();
  private volatile @Nullable ShardPipeline pipeline;
  private @Nullable Future<Prepared> prepared;
  private volatile boolean owns;
  private boolean published;
  private @Nullable Future<Void> ended;

  private record Prepared(Watched reading, PgConnection control) {}

  /** Creates a term that does nothing until {@link #prepare} or {@link #campaign}. */
  LeadershipTerm(
      Vertx vertx,
      Database database,
      RelayConfig config,
      Partitions partitions,
      ShardCandidate candidate) {
    this.vertx = vertx;
    this.database = database;
    this.config = config;
    this.names = config.outbox().names();
    this.partitions = partitions;
    this.candidate = candidate;
    this.destinations =
        new DestinationGate(new DestinationBreakers(config.deferAfter(), config.retry()));
    this.connections = new MonitoredConnections(vertx, database, this::fail);
  }

  /** Fails, on the event loop, with the failure that ends the term; never completes otherwise. */
  Future<Void> over() {
    return over.future();
  }

  /**
   * Does everything that needs no lease, and warms up, so that a later campaign takes less time. A
   * further call only warms up again, because caches such as the broker client's metadata expire.
   */
  Future<Void> prepare() {
    return prepared().compose(opened -> rehearse(opened.reading()));
  }

  /**
   * Acquires the lease and begins to publish from the stored checkpoint. If there is one shard,
   * waits for as long as another relay holds the lease. If there are several, tries once and fails
   * with {@link LeaseTakenException}.
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
    // Shorter than the timeout; a relay that polls regularly never needs the heartbeat's own query.
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
        .compose(set -> ServerKeepalive.bound(reading, config.leaseTimeout()))
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
        ? Lease.await(
            vertx,
            connection,
            names,
            share,
            candidate.self(),
            () -> rehearse(reading),
            candidate.onBrokerCall())
        : Lease.take(vertx, connection, names, share, candidate.self())
            .recover(taken -> survived(connection).transform(told -> Future.failedFuture(taken)));
  }

  /** If this process lost the shard with its connection, its successor has counted a crash. */
  private Future<Void> survived(PgConnection connection) {
    return CrashLoopDetector.survived(connection, names, candidate.share().shard());
  }

  /**
   * Reads the outbox once without effect and warms up the publishers, because a cold start is the
   * longest part of a takeover. A failure is ignored: the real read will report it.
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
              // Partitions that have stopped would connect again, and nothing would close that
              // connection.
              if (ended == null) {
                partitions.warmUp(events);
              }
            })
        .transform(whatever -> Future.succeededFuture());
  }

  /**
   * Takes over the shard before anything is read. Dead letters that a former owner wrote until then
   * are read here, and afterwards it can write none, because its epoch is out of date.
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

  /**
   * Opens the control connection. The doorbell's proofs run over it and count as signs of life; the
   * heartbeat sends a query only if no proof has come for longer than the proof interval.
   */
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
            () -> buried.parked().size(),
            destinations.breakers()::open,
            destinations.breakers()::failing);
    candidate.metrics().leads(opened.epoch(), knowing);
    opened.start();
    return Future.succeededFuture();
  }

  /**
   * Returns true from acquiring the lease until the end of the term. May be called on any thread.
   */
  boolean owns() {
    return owns;
  }

  /** Returns true if an operator has paused everything. May be called on any thread. */
  boolean isPaused() {
    var working = pipeline;
    return working != null && working.isPaused();
  }

  /** See {@link ShardPipeline#isHeldUp}. */
  boolean isHeldUp() {
    var working = pipeline;
    return working != null && working.isHeldUp();
  }

  /** Runs {@code step} unless the term has ended while the step before waited for an answer. */
  private Future<Void> unlessEnded(Supplier<Future<Void>> step) {
    return ended == null ? step.get() : Future.failedFuture("the term has ended");
  }

  /**
   * Ends the term in good order: see {@link ShardPipeline#drain}.
   *
   * @return the number of events that were read and not confirmed
   */
  Future<Long> drain() {
    var working = pipeline;
    return working == null
        ? end().map(0L)
        : working.drain(config.stopTimeout()).eventually(this::end);
  }

  /**
   * Ends the term at once, in whatever step it is; completes when nothing of it is in flight. The
   * lease is released last, so that a successor cannot overtake events in flight. A second call has
   * no effect.
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
    // A term that did not begin on the partitions must not end them: another term may use them.
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

package io.outboxrelay.leadership;

import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.LeaseLossMonitor;
import io.outboxrelay.database.LeaseLossMonitor.Watched;
import io.outboxrelay.database.PoolerCheck;
import io.outboxrelay.database.ServerKeepalive;
import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.dispatch.TermContext;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.pipeline.ShardContext;
import io.outboxrelay.pipeline.ShardPipeline;
import io.outboxrelay.pipeline.ShardTakeover;
import io.outboxrelay.pipeline.TermResources;
import io.outboxrelay.poison.PoisonEventDetector;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a term with the real database, partitions and pipeline.
 *
 * <p>Each step uses the results of the steps before it; {@link LeadershipTerm} calls them in order.
 */
final class ShardTermSteps implements TermSteps {
  private static final Duration DEAD_LETTERS_AGAIN_AFTER = Duration.ofSeconds(2);

  private final ShardContext shard;
  private final Term term;
  private final LeaseLossMonitor connections;
  private @Nullable TermResources resources;
  private @Nullable ShardTakeover takeover;
  private volatile @Nullable ShardPipeline pipeline;

  ShardTermSteps(ShardContext shard, Term term) {
    this.shard = shard;
    this.term = term;
    this.connections = new LeaseLossMonitor(vertx(), shard.relay().database(), term::fail);
  }

  private Vertx vertx() {
    return shard.vertx();
  }

  private RelayConfig config() {
    return shard.config();
  }

  private OutboxNames names() {
    return shard.names();
  }

  private TermResources resources() {
    return Objects.requireNonNull(resources, "the term is not prepared");
  }

  private PgConnection reader() {
    return resources().reader();
  }

  private ShardTakeover takeover() {
    return Objects.requireNonNull(takeover, "the shard is not taken over");
  }

  private ShardPipeline pipeline() {
    return Objects.requireNonNull(pipeline, "the pipeline is not built");
  }

  @Override
  public Future<Void> prepare() {
    // Shorter than the timeout, so that the server has time to answer the heartbeat's query.
    var quiet = config().failover().answerTimeout().multipliedBy(2).dividedBy(3);
    var reading = connections.open(quiet, config().failover().answerTimeout());
    var control = control();
    return Future.all(reading, control)
        .compose(both -> verify(reading.result().connection()))
        .onSuccess(verified -> resources = resources(reading.result(), control.result()))
        .mapEmpty();
  }

  /**
   * Opens the control connection. At each self-test interval, the doorbell uses this connection for
   * a self-test. The server's answer shows that the connection is alive. The heartbeat therefore
   * sends its query only if the connection is silent for longer than the self-test interval.
   */
  private Future<PgConnection> control() {
    Duration quiet =
        config().source().doorbell().selfTestInterval().plus(config().failover().answerTimeout());
    return connections
        .open(quiet, quiet.plus(config().failover().answerTimeout()))
        .map(Watched::connection);
  }

  private TermResources resources(Watched reading, PgConnection control) {
    return new TermResources(
        shard,
        reading,
        control,
        new DestinationGate(
            new DestinationBreakers(
                config().failures().deferAfter(), config().failures().backoff())),
        term::fail);
  }

  private Future<Void> verify(PgConnection reading) {
    return PoolerCheck.verify(shard.relay().database(), reading)
        .compose(kept -> reading.query(TableSource.PLAN).execute())
        .compose(set -> ServerKeepalive.bound(reading, config().failover().leaseTimeout()))
        .compose(bounded -> OutboxTable.verify(reading, names()))
        .compose(verified -> ShardLayout.read(reading, names()))
        .compose(this::verify);
  }

  private Future<Void> verify(ShardLayout shardLayout) {
    int shards = shardLayout.inForce();
    return shards == shard.share().of()
        ? Future.succeededFuture()
        : Future.failedFuture(new ShardCountChangedException(shards));
  }

  @Override
  public Future<Void> acquireLease() {
    var campaign =
        LeaseCampaign.of(vertx(), reader(), names(), shard.share(), shard.relay().self());
    return shard.share().of() == 1
        ? campaign.await(this::warmUp, shard.onBrokerCall())
        : campaign
            .take()
            .recover(taken -> survived().transform(told -> Future.failedFuture(taken)));
  }

  /**
   * Tells the crash detection that this process still runs. If this process lost the shard with its
   * connection, the next owner has counted a crash, and this call takes that crash back.
   */
  private Future<Void> survived() {
    return PoisonEventDetector.survived(reader(), names(), shard.share().shard());
  }

  /**
   * Reads a page of the outbox, drops it, and warms up the publishers, because a cold start is the
   * longest part of a takeover. A failure is ignored, because the first read of the term will
   * report it.
   */
  @Override
  public Future<Void> warmUp() {
    return survived()
        .compose(told -> OutboxTable.payloadType(reader(), names()))
        .compose(payload -> TableSource.rehearse(reader(), shard.pageLimits(payload)))
        .onSuccess(
            events -> {
              // If the term is over, the partitions may have stopped. They would open a connection
              // that nothing closes.
              if (!term.isOver()) {
                shard.partitions().warmUp(events);
              }
            })
        .transform(whatever -> Future.succeededFuture());
  }

  @Override
  public Future<Void> takeOver() {
    return ShardTakeover.of(resources()).onSuccess(taken -> takeover = taken).mapEmpty();
  }

  @Override
  public Future<Void> beginPublishing() {
    return shard
        .partitions()
        .begin(onPartitions())
        .compose(begun -> ShardPipeline.open(resources(), takeover()))
        .onSuccess(opened -> pipeline = opened)
        .mapEmpty();
  }

  private TermContext onPartitions() {
    var loop = vertx().getOrCreateContext();
    return new TermContext(
        new DeadLetterWriter(
            resources().control(), names(), takeover().source().owner(), this::later),
        config().failures().rejections(),
        resources()::mayPublish,
        takeover().buried(),
        resources().destinations(),
        failure -> loop.runOnContext(event -> term.fail(failure)));
  }

  private void later(Runnable action) {
    vertx()
        .setTimer(
            DEAD_LETTERS_AGAIN_AFTER.toMillis(),
            passed -> {
              if (!term.isOver()) {
                action.run();
              }
            });
  }

  @Override
  public Future<Void> lead() {
    var breakers = resources().destinations().breakers();
    var buried = takeover().buried();
    shard
        .health()
        .leads(
            new ShardHealth.LeaderState(
                () -> buried.parked().size(), breakers::open, breakers::failing));
    shard.metrics().leads(pipeline().epoch());
    return pipeline().start();
  }

  @Override
  public Future<Long> drain() {
    return pipeline().drain();
  }

  @Override
  public Future<Void> stopPipeline() {
    shard.health().ends();
    shard.metrics().ends();
    var built = pipeline;
    return built == null ? Future.succeededFuture() : built.stop();
  }

  @Override
  public Future<Void> endOnPartitions() {
    return shard.partitions().end();
  }

  @Override
  public Future<Void> releaseLease() {
    return connections.close();
  }

  @Override
  public boolean isPaused() {
    var built = pipeline;
    return built != null && built.isPaused();
  }

  @Override
  public boolean isHeldUp() {
    var built = pipeline;
    return built != null && built.isHeldUp();
  }
}

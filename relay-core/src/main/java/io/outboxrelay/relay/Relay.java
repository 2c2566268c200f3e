package io.outboxrelay.relay;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.failure.ProvenBroker;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.health.HealthReport;
import io.outboxrelay.health.LivenessEvaluator;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.health.ReadinessEvaluator;
import io.outboxrelay.health.RelayHealth;
import io.outboxrelay.health.RelayPhase;
import io.outboxrelay.health.SecondaryParts;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.pipeline.RelayContext;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.status.DatabaseMonitor;
import io.outboxrelay.status.DeliveryProblems;
import io.outboxrelay.status.LeaderReport;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.ReportedSource;
import io.outboxrelay.status.StatusCode;
import io.outboxrelay.status.StatusCollector;
import io.outboxrelay.status.StatusGauges;
import io.outboxrelay.status.StatusInputs;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes every committed event of one outbox to one broker.
 *
 * <p>Several relays with the same configuration may run: each shard is led by one of them, and the
 * others stand by. All getters may be called on any thread.
 */
public final class Relay {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  /**
   * The context from which all verticles are deployed. It belongs to no verticle, because a
   * verticle that is deployed from another verticle's context is undeployed with that verticle.
   */
  private final Context context;

  private final Database database;
  private final RelayConfig config;
  private final RelayMetrics metrics;
  private final RelayContext relay;
  private final Promise<Void> ready = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private Future<Void> deployment = Future.succeededFuture();
  private volatile boolean stopping;
  private final DatabaseMonitor observer;
  private final SecondaryParts secondary = new SecondaryParts();
  private volatile ShardGroup shardGroup;

  private Relay(
      Vertx vertx,
      DatabaseConfig databaseConfig,
      RelayConfig config,
      Broker broker,
      RelayMetrics metrics) {
    this.context = vertx.getOrCreateContext();
    this.database = Database.create(vertx, databaseConfig);
    this.config = config;
    this.metrics = metrics;
    this.relay =
        new RelayContext(
            database,
            config,
            ProvenBroker.of(broker, () -> metrics.refused(RelayMetrics.BROKER)),
            metrics,
            new RelayIdentity(
                RelayIdentity.processName(),
                ThreadLocalRandom.current().nextInt(OutboxNames.MOST_RELAYS),
                config.configFingerprint(broker)));
    this.observer =
        new DatabaseMonitor(context, database, config.outbox().names(), metrics, owner());
    this.shardGroup = shardGroup(1, false);
  }

  /** Creates a relay with metrics that are not exported. It does nothing until {@link #start}. */
  public static Relay create(
      Vertx vertx, DatabaseConfig database, RelayConfig config, Broker broker) {
    return create(vertx, database, config, broker, RelayMetrics.alone());
  }

  /**
   * Creates a relay that does nothing until {@link #start}.
   *
   * @param metrics used by this relay only
   */
  public static Relay create(
      Vertx vertx,
      DatabaseConfig database,
      RelayConfig config,
      Broker broker,
      RelayMetrics metrics) {
    var relay = new Relay(vertx, database, config, broker, metrics);
    StatusGauges.register(relay::ready, relay::statusCode, metrics.registry());
    return relay;
  }

  /**
   * Starts the relay; completes when broker and database have both answered, however long that
   * takes. From then on the relay leads or stands by.
   *
   * <p>Fails with {@link RelayException} if trying again cannot help, such as with refused
   * credentials or a missing table. Fails also if the relay is stopped before. After a failure
   * {@link #stop} still releases all resources. May be called once.
   */
  public synchronized Future<Void> start() {
    deployment = setToWork(shardGroup);
    observer.start();
    return ready.future();
  }

  /**
   * Fails with {@link RelayException} if the relay cannot continue; completes once it is stopped.
   */
  public Future<Void> ended() {
    return ended.future();
  }

  /**
   * Returns the state; with several shards it is {@code LEADING} if the relay leads one of them.
   */
  public RelayState state() {
    return shardGroup.state();
  }

  /** Returns the numbers of the shards that the relay leads now. */
  public List<Integer> shards() {
    return shardGroup.led().stream().map(ShardKey::shard).toList();
  }

  /** Returns the metrics of this relay. */
  public RelayMetrics metrics() {
    return metrics;
  }

  /** Returns the state of the relay's shards and partitions. */
  public RelayHealth health() {
    return metrics.health();
  }

  /** Returns the status of the relay in one sentence. */
  public RelayStatus verdict() {
    return RelayStatus.of(evidence()).with(secondary.clauses());
  }

  /**
   * Returns the status for the gauges: paused if this relay leads and operators have paused
   * everything.
   */
  private StatusCode statusCode() {
    return isPaused() ? StatusCode.PAUSED : verdict().state();
  }

  /** Returns the parts of this process that publishing does not need, such as the HTTP server. */
  public SecondaryParts secondary() {
    return secondary;
  }

  /** Returns the observations from which the status is derived. */
  public StatusInputs evidence() {
    return new StatusCollector(shardGroup, observer, health(), phase(), name()).evidence();
  }

  /**
   * Returns the liveness, which is not well if an event loop is blocked, because only a restart
   * helps then.
   */
  public HealthReport live() {
    return LivenessEvaluator.live(health().silence());
  }

  /** Returns well if database and broker have both answered since the start. */
  public HealthReport started() {
    return readiness().started();
  }

  /**
   * Returns the readiness, which is well if the relay publishes, or could publish if it led. Each
   * part of the report has a reason.
   */
  public HealthReport ready() {
    return readiness().ready();
  }

  private ReadinessEvaluator readiness() {
    return new ReadinessEvaluator(
        phase(), shardGroup, health(), observer.differences().clause(), secondary);
  }

  private RelayPhase phase() {
    if (stopping) {
      return RelayPhase.STOPPING;
    }
    return ready.future().succeeded() ? RelayPhase.RUNNING : RelayPhase.STARTING;
  }

  /**
   * Returns the numbers of the shards with a lease held by this relay, also before it publishes
   * them.
   */
  public List<Integer> ownedShards() {
    return shardGroup.owned();
  }

  private DatabaseMonitor.Owner owner() {
    return new DatabaseMonitor.Owner() {
      @Override
      public List<Integer> shards() {
        return ownedShards();
      }

      @Override
      public List<LeaderReport> reports() {
        return Relay.this.reports();
      }
    };
  }

  /** Returns, for each owned shard, the problems that keep it from being published. */
  private List<LeaderReport> reports() {
    return ownedShards().stream()
        .map(
            shard ->
                new LeaderReport(
                    shard,
                    name(),
                    new DeliveryProblems(
                        health().broker(shard).map(OngoingProblem::observed),
                        health().event(shard).map(OngoingProblem::observed),
                        health().shard(shard).openBreakers()),
                    ReportedSource.of(health().shard(shard).source()),
                    Duration.ZERO))
        .toList();
  }

  /** Returns the name that operators see, such as {@code 4711@db-host-2}. */
  public String name() {
    return RelayIdentity.processName();
  }

  /** Returns the random number that distinguishes this relay from other relays. */
  public int number() {
    return relay.self().number();
  }

  /**
   * Returns true if the relay leads and publishes nothing because operators have paused everything.
   */
  public boolean isPaused() {
    return shardGroup.isPaused();
  }

  /**
   * Stops reading, waits at most {@code relay.stop-timeout} for events in flight, writes exactly
   * what was confirmed to the checkpoint, and releases all resources. Always succeeds.
   */
  public synchronized Future<Void> stop() {
    stopping = true;
    return deployment
        .eventually(() -> shardGroup.stop())
        .eventually(observer::stop)
        .eventually(database::close)
        .transform(stopped -> Future.<Void>succeededFuture())
        .onComplete(
            stopped -> {
              ready.tryFail("the relay was stopped before it was ready");
              ended.tryComplete();
            });
  }

  /**
   * Creates the verticles of all shards. The relay starts with one shard, because the real number
   * is unknown until the database has answered.
   */
  private ShardGroup shardGroup(int shards, boolean proven) {
    return new ShardGroup(relay, shards, proven, this::reshard);
  }

  private Future<Void> setToWork(ShardGroup next) {
    next.ended().onFailure(failure -> ifCurrent(next, () -> ended.tryFail(failure)));
    Promise<Void> started = Promise.promise();
    context.runOnContext(begin -> next.start().onComplete(started));
    started
        .future()
        .compose(deployed -> next.ready())
        .onComplete(
            answered -> ifCurrent(next, ready::tryComplete),
            failure -> ifCurrent(next, () -> ready.tryFail(told(failure))));
    return started.future();
  }

  private synchronized void ifCurrent(ShardGroup asking, Runnable action) {
    if (asking == shardGroup) {
      action.run();
    }
  }

  /**
   * Replaces the verticles by a group with another number of shards. Several verticles may report
   * the new number; reports of a group that was replaced are ignored.
   */
  private synchronized void reshard(ShardGroup telling, int shards) {
    if (telling != shardGroup || stopping) {
      return;
    }
    if (config.sharding().shards() != 0 && config.sharding().shards() != shards) {
      if (!ready.future().isComplete()) {
        giveUp(shards);
        return;
      }
      LOG.warn("{}; continuing with {}", mismatch(shards), shards);
    }
    LOG.info("the outbox has {}", CountFormat.of(shards, "shard"));
    var next = shardGroup(shards, true);
    metrics.onlyShards(shards);
    shardGroup = next;
    deployment = deployment.eventually(telling::stop).eventually(() -> setToWork(next));
  }

  private void giveUp(int shards) {
    var reason = new RelayException(RelayException.Cause.DATABASE, mismatch(shards), null);
    ready.tryFail(reason);
    ended.tryFail(reason);
  }

  private String mismatch(int shards) {
    return ("relay.shards is %d, but the outbox has %d; set relay.shards: %d or leave it out, or"
            + " run the command shards %d")
        .formatted(config.sharding().shards(), shards, shards, config.sharding().shards());
  }

  private static Throwable told(Throwable failure) {
    return failure instanceof PublishException.Fatal
        ? new RelayException(
            RelayException.Cause.BROKER, String.valueOf(failure.getMessage()), failure)
        : failure;
  }
}

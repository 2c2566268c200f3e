package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.health.HealthReport;
import io.outboxrelay.health.SecondaryParts;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.status.LeaderReport;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.status.StatusInputs.Phase;
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
 * rest stand by.
 */
public final class Relay {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  private final Vertx vertx;

  /** Of no verticle: what is deployed from one ends with it. */
  private final Context context;

  private final Database database;
  private final RelayConfig config;
  private final ProvenBroker broker;
  private final RelayMetrics metrics;
  private final int number = ThreadLocalRandom.current().nextInt(OutboxNames.MOST_RELAYS);
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
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.database = Database.create(vertx, databaseConfig);
    this.config = config;
    this.broker = ProvenBroker.of(broker, () -> metrics.refused(RelayMetrics.BROKER));
    this.metrics = metrics;
    this.observer =
        new DatabaseMonitor(
            vertx,
            context,
            database,
            config.outbox().names(),
            metrics,
            () -> ownedShards(),
            () -> reports());
    this.shardGroup = shardGroup(1, false);
  }

  /** Makes a relay that does nothing until {@link #start}, and counts for nobody. */
  public static Relay create(
      Vertx vertx, DatabaseConfig database, RelayConfig config, Broker broker) {
    return create(vertx, database, config, broker, RelayMetrics.alone());
  }

  /**
   * Makes a relay that does nothing until {@link #start}.
   *
   * @param metrics what it counts and measures, of this relay alone
   */
  public static Relay create(
      Vertx vertx,
      DatabaseConfig database,
      RelayConfig config,
      Broker broker,
      RelayMetrics metrics) {
    var relay = new Relay(vertx, database, config, broker, metrics);
    StatusGauges.register(relay, metrics.registry());
    return relay;
  }

  /**
   * Starts; completes when broker and database have both answered, for as long as that takes. From
   * then on the relay leads or stands by.
   *
   * <p>Fails with {@link RelayException} where trying on is no use, such as refused credentials or
   * a missing table, and when stopped before; {@link #stop} lets go of everything then, too. To be
   * called once.
   */
  public synchronized Future<Void> start() {
    deployment = setToWork(shardGroup);
    observer.start();
    return ready.future();
  }

  /** Fails with {@link RelayException} when the relay cannot go on; completes once stopped. */
  public Future<Void> ended() {
    return ended.future();
  }

  /** What it is doing; with several shards, whether it leads one. */
  public RelayState state() {
    return shardGroup.state();
  }

  /** The shards that it leads now, by their numbers. */
  public List<Integer> shards() {
    return shardGroup.led().stream().map(ShardKey::shard).toList();
  }

  /** What it counts and measures. */
  public RelayMetrics metrics() {
    return metrics;
  }

  /** How it gets on, in one sentence; to be asked on any thread, like all the following. */
  public RelayStatus verdict() {
    return RelayStatus.of(evidence()).with(secondary.clauses());
  }

  /** What of this process does not run, and is not needed to publish. */
  public SecondaryParts secondary() {
    return secondary;
  }

  /** What the verdict rests on. */
  public StatusInputs evidence() {
    return condition().evidence();
  }

  /** Whether the process is in order; where not, a restart helps. */
  public HealthReport live() {
    return condition().live();
  }

  /** Whether database and broker have both answered since the start. */
  public HealthReport started() {
    return condition().started();
  }

  /** Whether it publishes, or would if it led; where not, each part says why. */
  public HealthReport ready() {
    return condition().ready();
  }

  private StatusCollector condition() {
    var phase =
        stopping ? Phase.STOPPING : ready.future().succeeded() ? Phase.RUNNING : Phase.STARTING;
    return new StatusCollector(
        shardGroup, observer, metrics, phase, RelayIdentity.processName(), secondary);
  }

  /** The shards whose lease it holds, whether or not it publishes them yet, by their numbers. */
  public List<Integer> ownedShards() {
    return shardGroup.owned();
  }

  /** What keeps it from publishing its shards, for the command status. */
  private List<LeaderReport> reports() {
    return ownedShards().stream()
        .map(
            shard ->
                new LeaderReport(
                    shard,
                    name(),
                    metrics.broker(shard).map(StatusCollector::ailment),
                    metrics.event(shard).map(StatusCollector::ailment),
                    metrics.shard(shard).closed(),
                    Duration.ZERO))
        .toList();
  }

  /** What operators see of it, such as {@code 4711@db-host-2}. */
  public String name() {
    return RelayIdentity.processName();
  }

  /** What it is told apart from other relays by. */
  public int number() {
    return number;
  }

  /** Whether it leads, and publishes nothing as operators have paused everything. */
  public boolean isPaused() {
    return shardGroup.isPaused();
  }

  /**
   * Stops reading, waits for what is in flight within the stop timeout, notes exactly what was
   * confirmed, and lets go of everything.
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

  /** How many shards there are is not known before the database has answered. */
  private ShardGroup shardGroup(int shards, boolean proven) {
    return new ShardGroup(
        vertx, database, config, broker, metrics, shards, number, proven, this::reshard);
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

  /** All parts of a crew may tell; the first is believed. */
  private synchronized void reshard(ShardGroup telling, int shards) {
    if (telling != shardGroup || stopping) {
      return;
    }
    if (config.shards() != 0 && config.shards() != shards) {
      if (!ready.future().isComplete()) {
        giveUp(shards);
        return;
      }
      LOG.warn("{}; going on with {}", mismatch(shards), shards);
    }
    LOG.info("the outbox has {} shards", shards);
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
    return ("relay.shards is %d, but the outbox has %d; set relay.shards: %d or leave it out, or run"
            + " the command shards %d")
        .formatted(config.shards(), shards, shards, config.shards());
  }

  private static Throwable told(Throwable failure) {
    return failure instanceof PublishException.Fatal
        ? new RelayException(
            RelayException.Cause.BROKER, String.valueOf(failure.getMessage()), failure)
        : failure;
  }
}

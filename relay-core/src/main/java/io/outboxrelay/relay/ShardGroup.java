package io.outboxrelay.relay;

import io.outboxrelay.dispatch.PartitionRecorder;
import io.outboxrelay.dispatch.PartitionVerticle;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.failure.LogOnce;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.health.OwnedShards;
import io.outboxrelay.health.RelayHealth;
import io.outboxrelay.leadership.BrokerHandover;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.leadership.ShardVerticle;
import io.outboxrelay.membership.Membership;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.pipeline.RelayContext;
import io.vertx.core.AsyncResult;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All verticles of one relay for a fixed number of shards: for each shard, one {@link
 * ShardVerticle} and its partitions; and, if there are several shards, one {@link Membership}. A
 * re-sharding replaces the group.
 */
final class ShardGroup implements OwnedShards, BrokerHandover.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(ShardGroup.class);

  private final Vertx vertx;
  private final List<ShardVerticle> shards = new ArrayList<>();
  private final List<Partitions> partitions = new ArrayList<>();
  private final @Nullable Membership membership;
  private final BrokerHandover handover;
  private final RelayHealth health;
  private final Deque<String> deployed = new ArrayDeque<>();
  private final Promise<Void> ended = Promise.promise();

  /**
   * @param of the number of shards
   * @param proven true if this relay has found the outbox in order before
   * @param onResharding called with the actual number of shards if it differs from {@code of}
   */
  ShardGroup(
      RelayContext relay, int of, boolean proven, BiConsumer<ShardGroup, Integer> onResharding) {
    this.vertx = relay.vertx();
    this.health = relay.health();
    this.handover =
        new BrokerHandover(
            relay.database(),
            relay.names(),
            relay.broker(),
            relay.config().failover().yieldAfter(),
            this);
    IntConsumer found = shards -> onResharding.accept(this, shards);
    var events = events(found);
    for (int i = 0; i < of; i++) {
      var publishing = partitions(relay, i);
      partitions.add(publishing);
      shards.add(new ShardVerticle(relay, new ShardKey(i, of), publishing, proven, events));
    }
    this.membership =
        of == 1
            ? null
            : new Membership(relay.database(), relay.config(), shards, relay.self(), events);
  }

  private ShardVerticle.Events events(IntConsumer found) {
    var logOnce =
        new LogOnce(
            sentence ->
                LOG.warn(
                    "{}; this relay publishes no affected shard until that is corrected; trying again",
                    sentence));
    return new ShardVerticle.Events() {
      @Override
      public void resharded(int shards) {
        found.accept(shards);
      }

      @Override
      public void brokerCalled() {
        handover.called();
      }

      @Override
      public void failed(String sentence) {
        logOnce.raise(sentence);
      }

      @Override
      public void leads() {
        logOnce.over();
      }
    };
  }

  private static Partitions partitions(RelayContext relay, int shard) {
    var broker = relay.broker();
    var list = new ArrayList<PartitionVerticle>();
    for (int i = 0; i < relay.config().sharding().partitions(); i++) {
      list.add(
          new PartitionVerticle(
              broker,
              relay.config().failures().backoff(),
              PartitionRecorder.of(
                  shard,
                  relay.health().partition(shard, i),
                  relay
                      .metrics()
                      .traffic(shard, i, broker::destination, broker.isRoutedByType()))));
    }
    return new Partitions(list);
  }

  @Override
  public Optional<OngoingProblem> brokerProblem() {
    var problems = owned().stream().map(health::broker).toList();
    return problems.stream().anyMatch(Optional::isEmpty)
        ? Optional.empty()
        : problems.stream()
            .flatMap(Optional::stream)
            .min(Comparator.comparingLong(problem -> System.nanoTime() - problem.sinceNanos()));
  }

  @Override
  public Future<Void> giveWay(Duration pause) {
    Promise<Void> over = Promise.promise();
    var until = over.future();
    if (membership != null) {
      membership.withdraw(until);
    }
    Promise<Void> paused = Promise.promise();
    vertx.setTimer(pause.toMillis(), passed -> paused.complete());
    Future.join(shards.stream().map(shard -> shard.giveWay(until)).toList())
        .transform(released -> connect())
        .transform(outcome -> paused.future().transform(passed -> over(outcome)))
        .onComplete(over);
    return until;
  }

  private static Future<Void> over(AsyncResult<?> connected) {
    return connected.succeeded()
        ? Future.succeededFuture()
        : Future.failedFuture(connected.cause());
  }

  /**
   * Connects all partitions to the broker, however long that takes. Fails if the broker refuses
   * this relay, or if a partition is stopped before.
   */
  private Future<?> connect() {
    return Future.join(partitions.stream().map(Partitions::prepare).toList());
  }

  /** Deploys all verticles. */
  Future<Void> start() {
    shards.forEach(shard -> shard.ended().onFailure(ended::tryFail));
    Future<Void> done = Future.succeededFuture();
    for (var publishing : partitions) {
      if (publishing.list().size() > 1) {
        for (var partition : publishing.list()) {
          done = done.compose(before -> deploy(partition));
        }
      }
    }
    for (int i = 0; i < shards.size(); i++) {
      var shard = withItsOnlyPartition(shards.get(i), partitions.get(i));
      done = done.compose(before -> deploy(shard));
    }
    var sharing = membership;
    var shared = sharing == null ? done : done.compose(before -> deploy(sharing));
    return shared.compose(before -> deploy(handover));
  }

  /**
   * Returns the shard's verticle for deployment; if the shard has only one partition, together with
   * this partition, so that both run on one event loop. Several partitions are deployed separately.
   */
  private static Deployable withItsOnlyPartition(ShardVerticle shard, Partitions publishing) {
    return publishing.list().size() > 1
        ? shard
        : new SharedEventLoop(publishing.list().get(0), shard);
  }

  private Future<Void> deploy(Deployable verticle) {
    return vertx.deployVerticle(verticle).onSuccess(deployed::push).mapEmpty();
  }

  /** Completes when broker and database have both answered; fails if trying again cannot help. */
  Future<Void> ready() {
    var answers = new ArrayList<Future<Void>>();
    partitions.forEach(publishing -> answers.add(publishing.prepare()));
    answers.add(membership == null ? shards.get(0).ready() : membership.joined());
    return Future.all(answers).mapEmpty();
  }

  /** Fails with {@link RelayException} if the relay cannot continue. */
  Future<Void> ended() {
    return ended.future();
  }

  /** Returns LEADING if any shard leads, else DRAINING, else STANDBY, else STOPPED. */
  RelayState state() {
    var states = shards.stream().map(ShardVerticle::state).toList();
    for (var state : List.of(RelayState.LEADING, RelayState.DRAINING, RelayState.STANDBY)) {
      if (states.contains(state)) {
        return state;
      }
    }
    return RelayState.STOPPED;
  }

  /**
   * Returns a problem with the database that one of the shards has; empty if there is none. A
   * problem of the membership counts only while no shard is led.
   */
  @Override
  public Optional<OngoingProblem> problem() {
    var ofShards = shards.stream().flatMap(shard -> shard.problem().stream()).findFirst();
    var sharing = membership;
    return ofShards.isPresent() || sharing == null || !led().isEmpty()
        ? ofShards
        : sharing.problem();
  }

  @Override
  public List<Integer> numbers() {
    return shards.stream().map(shard -> shard.share().shard()).toList();
  }

  @Override
  public List<Integer> owned() {
    return shards.stream()
        .filter(ShardVerticle::isOwned)
        .map(shard -> shard.share().shard())
        .toList();
  }

  @Override
  public OptionalLong ledSince(int shard) {
    return shard < shards.size() ? shards.get(shard).ledSince() : OptionalLong.empty();
  }

  /** Returns the shards that this relay leads and publishes now. */
  List<ShardKey> led() {
    return shards.stream().filter(ShardVerticle::isLed).map(ShardVerticle::share).toList();
  }

  /** Returns true if this relay leads a shard and operators have paused everything. */
  boolean isPaused() {
    return shards.stream().anyMatch(ShardVerticle::isPaused);
  }

  /**
   * Stops the handover, the membership and all shards in parallel, and then the partitions, because
   * the shards drain through them. If a shard has only one partition, both are one deployment,
   * which stops the partition after the shard.
   */
  Future<Void> stop() {
    var parts = new ArrayList<>(deployed);
    deployed.clear();
    int own = membership == null ? 1 : 2;
    int first = Math.min(own, parts.size());
    int last = Math.min(own + shards.size(), parts.size());
    return Future.join(undeploy(parts.subList(0, first)), undeploy(parts.subList(first, last)))
        .compose(let -> undeploy(parts.subList(last, parts.size())));
  }

  /** Undeploys all of {@code some}, also if one of them fails; always succeeds. */
  private Future<Void> undeploy(List<String> some) {
    return Future.join(some.stream().map(vertx::undeploy).toList())
        .transform(over -> Future.succeededFuture());
  }
}

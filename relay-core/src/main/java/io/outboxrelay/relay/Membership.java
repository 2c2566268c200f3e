package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.outboxrelay.metrics.OngoingProblem;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One relay's place among several that share out the shards: says that it is there, watches who
 * else is, and has its own shards taken or let go of accordingly.
 *
 * <p>It decides who should own a shard; that no two do is the lease's business. Without its
 * connection a relay keeps what it owns and takes nothing.
 */
final class Membership extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** Others wait for what a dead relay has left. */
  private static final Duration WATCH = Duration.ofMillis(100);

  /** While all shards are its own, it has but to notice who joins. */
  private static final Duration WATCH_ALONE = Duration.ofSeconds(1);

  /** Longer than a cold start takes on a machine that is busy with others. */
  private static final Duration PREPARES_WITHIN = Duration.ofSeconds(10);

  private final Database database;
  private final RelayConfig config;
  private final OutboxNames names;
  private final List<ShardVerticle> shards;
  private final RelayIdentity self;
  private final ShardAssignment shardAssignment;
  private final IntConsumer onResharding;
  private final Promise<Void> joined = Promise.promise();
  private @Nullable MonitoredConnections connections;
  private long timer = -1;
  private int failures;
  private int present;
  private volatile @Nullable OngoingProblem problem;
  private boolean gaveUp;
  private boolean stopped;

  /**
   * @param onResharding told how many shards there are, where that is no longer as many
   */
  Membership(
      Database database,
      RelayConfig config,
      List<ShardVerticle> shards,
      RelayIdentity self,
      IntConsumer onResharding) {
    this.database = database;
    this.config = config;
    this.names = config.outbox().names();
    this.shards = List.copyOf(shards);
    this.self = self;
    this.shardAssignment = new ShardAssignment(self.number(), new Random());
    this.onResharding = onResharding;
  }

  /** What keeps it out of sight. */
  Optional<OngoingProblem> problem() {
    return Optional.ofNullable(problem);
  }

  /** Completes when it is there for the others to see. */
  Future<Void> joined() {
    return joined.future();
  }

  @Override
  public Future<?> start() {
    join();
    return Future.succeededFuture();
  }

  /** Others count it no more, so what its shards let go of finds takers at once. */
  @Override
  public Future<?> stop() {
    stopped = true;
    joined.tryFail("the relay was stopped before it had joined the others");
    vertx.cancelTimer(timer);
    var open = connections;
    return open == null ? Future.succeededFuture() : open.close();
  }

  private void join() {
    var opened = new MonitoredConnections(vertx, database, this::lost);
    connections = opened;
    opened
        .open(config.answerTimeout().multipliedBy(2).dividedBy(3), config.answerTimeout())
        .map(MonitoredConnections.Watched::connection)
        .compose(connection -> Lease.bound(connection, config.leaseTimeout()).map(connection))
        .compose(connection -> foresee(connection).map(connection))
        .compose(connection -> announce(connection).map(connection))
        .onComplete(this::joined, this::lost);
  }

  /**
   * Nobody lets go of anything for a relay that is not announced, so what that will be is prepared
   * before. Where some cannot be, nothing is gained by staying out of sight.
   */
  private Future<?> foresee(PgConnection connection) {
    return ClusterSnapshot.take(connection, names).compose(this::prepare);
  }

  private Future<?> prepare(ClusterSnapshot clusterSnapshot) {
    if (clusterSnapshot.shards() != shards.size()) {
      return Future.succeededFuture();
    }
    shardAssignment.next(clusterSnapshot.joinedBy(self.number()));
    var prepared =
        shardAssignment.inheritance().stream()
            .map(shards::get)
            .map(ShardVerticle::prepare)
            .toList();
    Promise<Void> over = Promise.promise();
    Future.join(prepared)
        .timeout(PREPARES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        // The shards have event loops of their own.
        .onComplete(whatever -> context.runOnContext(told -> over.complete()));
    return over.future();
  }

  private Future<?> announce(PgConnection connection) {
    return connection
        .query("select pg_advisory_lock(" + names.memberLock(self.number()) + ")")
        .execute();
  }

  private void joined(PgConnection connection) {
    failures = 0;
    problem = null;
    joined.tryComplete();
    ConfigMismatchCheck.find(connection, names, self.configFingerprint())
        .onSuccess(configMismatch -> configMismatch.forEach(LOG::error));
    watch(connection);
  }

  private void watch(PgConnection connection) {
    ClusterSnapshot.take(connection, names)
        .onComplete(
            clusterSnapshot -> {
              if (!stopped) {
                consider(clusterSnapshot);
                timer = vertx.setTimer(pause(clusterSnapshot).toMillis(), due -> watch(connection));
              }
            },
            this::lost);
  }

  private static Duration pause(ClusterSnapshot clusterSnapshot) {
    return clusterSnapshot.present().size() == 1 && clusterSnapshot.free().isEmpty()
        ? WATCH_ALONE
        : WATCH;
  }

  private void consider(ClusterSnapshot clusterSnapshot) {
    if (clusterSnapshot.shards() != shards.size()) {
      onResharding.accept(clusterSnapshot.shards());
      return;
    }
    if (clusterSnapshot.present().size() != present) {
      present = clusterSnapshot.present().size();
      LOG.info("one of {} relays that share out {} shards", present, clusterSnapshot.shards());
    }
    int mine = (int) shards.stream().filter(ShardVerticle::isSought).count();
    var balance = RebalanceDecision.of(clusterSnapshot, self.number(), mine);
    takeSome(clusterSnapshot, balance.take());
    var inheritance = shardAssignment.inheritance();
    shards.forEach(shard -> shard.expect(inheritance.contains(shard.share().shard())));
    // Not at the first sight: shards that are changing hands look as if they were lacking.
    if (balance.giveUp() > 0 && gaveUp) {
      giveUpSome(balance.giveUp());
    }
    gaveUp = balance.giveUp() > 0 && !gaveUp;
  }

  private void takeSome(ClusterSnapshot clusterSnapshot, int number) {
    shardAssignment.next(clusterSnapshot).stream()
        .map(shards::get)
        .filter(ShardVerticle::isIdle)
        .limit(number)
        .forEach(ShardVerticle::seek);
  }

  /** One that a destination holds up would have the others wait for it. */
  private void giveUpSome(int number) {
    shards.stream()
        .filter(ShardVerticle::isLed)
        .filter(shard -> !shard.isHeldUp())
        .limit(number)
        .forEach(ShardVerticle::giveUp);
  }

  private void lost(Throwable failure) {
    var open = connections;
    if (stopped || open == null) {
      return;
    }
    connections = null;
    vertx.cancelTimer(timer);
    open.close();
    failures++;
    String sentence = new FailureClassifier(database.config(), failure).sentence();
    problem = OngoingProblem.goOn(problem, sentence);
    if (failures == 1) {
      LOG.warn(
          "{}; the other relays are out of sight, and no shard is taken meanwhile; trying again",
          sentence);
    }
    vertx.setTimer(config.retry().millis(failures), again -> rejoin());
  }

  private void rejoin() {
    if (!stopped) {
      join();
    }
  }
}

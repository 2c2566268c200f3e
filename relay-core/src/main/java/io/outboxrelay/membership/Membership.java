package io.outboxrelay.membership;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.MonitoredConnections;
import io.outboxrelay.database.ServerKeepalive;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.health.OngoingProblem;
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
 * Announces this relay to the others, watches which relays are running, and has this relay's shards
 * acquired or released so that all relays own about the same number.
 *
 * <p>It decides which relay should own a shard. The lease guarantees that no two relays own it. If
 * its connection is lost, this relay keeps its shards and acquires none.
 */
public final class Membership extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** Short, because the events of a dead relay's shards wait for another relay. */
  private static final Duration WATCH = Duration.ofMillis(100);

  /** Used while this relay owns all shards: only a joining relay has to be noticed. */
  private static final Duration WATCH_ALONE = Duration.ofSeconds(1);

  /** Longer than a cold start takes on a busy machine. */
  private static final Duration PREPARES_WITHIN = Duration.ofSeconds(10);

  private final Database database;
  private final RelayConfig config;
  private final OutboxNames names;
  private final List<SharedShard> shards;
  private final RelayIdentity self;
  private final ShardAssignment shardAssignment;
  private final IntConsumer onResharding;
  private final Runnable onBrokerCall;
  private final Promise<Void> joined = Promise.promise();
  private @Nullable MonitoredConnections connections;
  private long timer = -1;
  private int failures;
  private int present;
  private volatile @Nullable OngoingProblem problem;
  private int surplusBefore;
  private MembershipState state = MembershipState.ABSENT;

  /**
   * @param onResharding called with the number of shards if it differs from that of {@code shards}
   * @param onBrokerCall called, repeatedly, while another relay asks if this one can reach the
   *     broker
   */
  public Membership(
      Database database,
      RelayConfig config,
      List<? extends SharedShard> shards,
      RelayIdentity self,
      IntConsumer onResharding,
      Runnable onBrokerCall) {
    this.database = database;
    this.config = config;
    this.names = config.outbox().names();
    this.shards = List.copyOf(shards);
    this.self = self;
    this.shardAssignment = new ShardAssignment(self.number(), new Random());
    this.onResharding = onResharding;
    this.onBrokerCall = onBrokerCall;
  }

  /** Returns the problem that keeps this relay from announcing itself; empty if there is none. */
  public Optional<OngoingProblem> problem() {
    return Optional.ofNullable(problem);
  }

  /** Completes when this relay has announced itself to the others. */
  public Future<Void> joined() {
    return joined.future();
  }

  @Override
  public Future<?> start() {
    join();
    return Future.succeededFuture();
  }

  /**
   * Withdraws the announcement, so that other relays acquire this relay's shards as soon as they
   * are released.
   */
  @Override
  public Future<?> stop() {
    to(MembershipState.STOPPED);
    joined.tryFail("the relay was stopped before it had joined the others");
    vertx.cancelTimer(timer);
    var open = connections;
    return open == null ? Future.succeededFuture() : open.close();
  }

  /**
   * Withdraws the announcement, so that the other relays share out the shards among themselves, and
   * joins them again when {@code until} is complete. May be called on any thread.
   */
  public void withdraw(Future<Void> until) {
    context.runOnContext(
        told -> {
          var open = connections;
          if (state == MembershipState.STOPPED || state == MembershipState.WITHDRAWN) {
            return;
          }
          to(MembershipState.WITHDRAWN);
          connections = null;
          vertx.cancelTimer(timer);
          if (open != null) {
            open.close();
          }
          until.onComplete(over -> context.runOnContext(back -> comeBack()));
        });
  }

  private void comeBack() {
    if (state == MembershipState.WITHDRAWN) {
      to(MembershipState.ABSENT);
      join();
    }
  }

  private void join() {
    to(MembershipState.PRESENT);
    var opened = new MonitoredConnections(vertx, database, this::lost);
    connections = opened;
    opened
        .open(
            config.failover().answerTimeout().multipliedBy(2).dividedBy(3),
            config.failover().answerTimeout())
        .map(MonitoredConnections.Watched::connection)
        .compose(
            connection ->
                ServerKeepalive.bound(connection, config.failover().leaseTimeout()).map(connection))
        .compose(connection -> foresee(connection).map(connection))
        .compose(connection -> announce(connection).map(connection))
        .onComplete(this::joined, this::lost);
  }

  /**
   * Warms up the shards that this relay will get, before it announces itself: the other relays
   * release no shard for it before that. If some cannot be prepared, it announces itself all the
   * same.
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
        shardAssignment.inheritance().stream().map(shards::get).map(SharedShard::prepare).toList();
    Promise<Void> over = Promise.promise();
    Future.join(prepared)
        .timeout(PREPARES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        // The futures complete on the shards' event loops.
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
              if (state == MembershipState.PRESENT) {
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
    if (clusterSnapshot.brokerCall()) {
      onBrokerCall.run();
    }
    if (clusterSnapshot.shards() != shards.size()) {
      onResharding.accept(clusterSnapshot.shards());
      return;
    }
    if (clusterSnapshot.present().size() != present) {
      present = clusterSnapshot.present().size();
      LOG.info(
          "{} present, this one included, for {}",
          CountFormat.of(present, "relay is", "relays are"),
          CountFormat.of(clusterSnapshot.shards(), "shard"));
    }
    int mine = (int) shards.stream().filter(SharedShard::isSought).count();
    var balance = RebalanceDecision.of(clusterSnapshot, self.number(), mine);
    takeSome(clusterSnapshot, balance.take());
    var inheritance = shardAssignment.inheritance();
    shards.forEach(shard -> shard.expect(inheritance.contains(shard.share().shard())));
    // Only as many as two looks in a row ask for, because a shard that changes hands looks like a
    // missing one.
    int number = Math.min(balance.giveUp(), surplusBefore);
    giveUpSome(number);
    surplusBefore = number > 0 ? 0 : balance.giveUp();
  }

  private void takeSome(ClusterSnapshot clusterSnapshot, int number) {
    shardAssignment.next(clusterSnapshot).stream()
        .map(shards::get)
        .filter(SharedShard::isIdle)
        .limit(number)
        .forEach(SharedShard::seek);
  }

  /**
   * Releases shards that can be drained quickly. A shard held up by a destination would take long,
   * and no relay publishes it meanwhile.
   */
  private void giveUpSome(int number) {
    shards.stream()
        .filter(SharedShard::isLed)
        .filter(shard -> !shard.isHeldUp())
        .limit(number)
        .forEach(SharedShard::giveUp);
  }

  private void lost(Throwable failure) {
    var open = connections;
    if (state != MembershipState.PRESENT || open == null) {
      return;
    }
    to(MembershipState.ABSENT);
    connections = null;
    vertx.cancelTimer(timer);
    open.close();
    failures++;
    String sentence = new FailureClassifier(database.config(), failure).sentence();
    problem = OngoingProblem.goOn(problem, sentence);
    if (failures == 1) {
      LOG.warn(
          "{}; the other relays cannot be seen, so no shard is taken meanwhile; trying again",
          sentence);
    }
    vertx.setTimer(config.failures().backoff().millis(failures), again -> rejoin());
  }

  private void rejoin() {
    if (state == MembershipState.ABSENT) {
      join();
    }
  }

  private void to(MembershipState next) {
    state = state.to(next);
  }
}

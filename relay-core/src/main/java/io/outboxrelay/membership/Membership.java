package io.outboxrelay.membership;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.health.OngoingProblem;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces this relay to the other relays and watches which relays run. Tells this relay's shards
 * when to be acquired or released, so that all relays own about the same number of shards.
 *
 * <p>The membership decides which relay should own a shard; the lease guarantees that no two relays
 * own the same shard. If the connection of the membership is lost, this relay keeps its shards and
 * acquires none.
 */
public final class Membership extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /**
   * The pause between two looks at the other relays. It is short, because the events of a dead
   * relay's shards wait until another relay acquires the shards.
   */
  private static final Duration WATCH = Duration.ofMillis(100);

  /**
   * The pause between two looks while only this relay is present and no shard is free, because then
   * only a joining relay has to be noticed.
   */
  private static final Duration WATCH_ALONE = Duration.ofSeconds(1);

  /**
   * How long a joining relay waits for its shards to be prepared. This is longer than a cold start
   * takes on a busy machine.
   */
  private static final Duration PREPARES_WITHIN = Duration.ofSeconds(10);

  private final Supplier<MemberSession> sessions;
  private final DatabaseConfig database;
  private final Backoff backoff;
  private final List<SharedShard> shards;
  private final int self;
  private final FreeShardSelector freeShards;
  private final Events events;
  private final Promise<Void> joined = Promise.promise();

  /** The session while the state is PRESENT; otherwise null. */
  private @Nullable MemberSession session;

  private long timer = -1;
  private int failures;
  private int present;
  private volatile @Nullable OngoingProblem problem;
  private int surplusBefore;
  private MembershipState state = MembershipState.ABSENT;

  /** Receives the news about other relays that concerns all shards of this relay. */
  public interface Events {
    /** Called with the number of shards if it has changed. */
    void resharded(int shards);

    /** Called, repeatedly, while another relay asks if this relay can reach the broker. */
    void brokerCalled();
  }

  public Membership(
      Database database,
      RelayConfig config,
      List<? extends SharedShard> shards,
      RelayIdentity self,
      Events events) {
    this(
        () -> new SqlMemberSession(database, config.failover(), config.outbox().names(), self),
        database.config(),
        config.failures().backoff(),
        shards,
        self.number(),
        events);
  }

  /**
   * @param sessions creates a session for each attempt to join
   * @param backoff the pauses between attempts to join
   * @param self the number of this relay
   */
  Membership(
      Supplier<MemberSession> sessions,
      DatabaseConfig database,
      Backoff backoff,
      List<? extends SharedShard> shards,
      int self,
      Events events) {
    this.sessions = sessions;
    this.database = database;
    this.backoff = backoff;
    this.shards = List.copyOf(shards);
    this.self = self;
    this.freeShards = new FreeShardSelector(self, new Random());
    this.events = events;
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
   * Withdraws the announcement, so that the other relays acquire this relay's shards as soon as the
   * shards are released.
   */
  @Override
  public Future<?> stop() {
    to(MembershipState.STOPPED);
    joined.tryFail("the relay was stopped before it had joined the others");
    return leave();
  }

  /**
   * Withdraws the announcement, so that the other relays share out the shards among themselves, and
   * joins the other relays again when {@code until} is complete. May be called on any thread.
   */
  public void withdraw(Future<Void> until) {
    context.runOnContext(
        told -> {
          if (state == MembershipState.STOPPED || state == MembershipState.WITHDRAWN) {
            return;
          }
          to(MembershipState.WITHDRAWN);
          leave();
          until.onComplete(over -> context.runOnContext(back -> comeBack()));
        });
  }

  private void comeBack() {
    if (state == MembershipState.WITHDRAWN) {
      to(MembershipState.ABSENT);
      join();
    }
  }

  /** Closes the session, if there is one. Later results of the session's queries are ignored. */
  private Future<Void> leave() {
    vertx.cancelTimer(timer);
    var left = session;
    session = null;
    return left == null ? Future.succeededFuture() : left.close();
  }

  /**
   * Opens a session, warms up the shards that this relay will get, and then announces this relay.
   * The other relays release shards to this relay only after the announcement. If a shard cannot be
   * prepared, this relay announces itself all the same.
   */
  private void join() {
    to(MembershipState.PRESENT);
    surplusBefore = 0;
    var opened = sessions.get();
    session = opened;
    opened
        .open(failure -> lost(opened, failure))
        .compose(connected -> opened.look())
        .compose(this::prepare)
        .compose(prepared -> opened.announce())
        .onComplete(announced -> joined(opened), failure -> lost(opened, failure));
  }

  private Future<?> prepare(ClusterSnapshot clusterSnapshot) {
    if (clusterSnapshot.shards() != shards.size()) {
      return Future.succeededFuture();
    }
    freeShards.next(clusterSnapshot.joinedBy(self));
    var prepared =
        freeShards.inheritance().stream().map(shards::get).map(SharedShard::prepare).toList();
    Promise<Void> over = Promise.promise();
    long bound = vertx.setTimer(PREPARES_WITHIN.toMillis(), late -> over.tryComplete());
    Future.join(prepared)
        // The futures complete on the shards' event loops.
        .onComplete(
            all ->
                context.runOnContext(
                    told -> {
                      vertx.cancelTimer(bound);
                      over.tryComplete();
                    }));
    return over.future();
  }

  private void joined(MemberSession opened) {
    if (opened != session) {
      return;
    }
    failures = 0;
    problem = null;
    joined.tryComplete();
    opened.configMismatches().onSuccess(mismatches -> mismatches.forEach(LOG::error));
    watch(opened);
  }

  private void watch(MemberSession opened) {
    opened
        .look()
        .onComplete(
            clusterSnapshot -> {
              if (opened == session) {
                consider(clusterSnapshot);
                timer = vertx.setTimer(pause(clusterSnapshot).toMillis(), due -> watch(opened));
              }
            },
            failure -> lost(opened, failure));
  }

  private static Duration pause(ClusterSnapshot clusterSnapshot) {
    return clusterSnapshot.present().size() == 1 && clusterSnapshot.free().isEmpty()
        ? WATCH_ALONE
        : WATCH;
  }

  private void consider(ClusterSnapshot clusterSnapshot) {
    if (clusterSnapshot.brokerCall()) {
      events.brokerCalled();
    }
    if (clusterSnapshot.shards() != shards.size()) {
      events.resharded(clusterSnapshot.shards());
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
    var balance = RebalanceDecision.of(clusterSnapshot, self, mine);
    takeSome(clusterSnapshot, balance.take());
    var inheritance = freeShards.inheritance();
    shards.forEach(shard -> shard.expect(inheritance.contains(shard.share().shard())));
    // Releases only as many shards as both this look and the look before require. While a shard
    // moves between two relays, a single look may count one shard too few for the new owner.
    int number = Math.min(balance.giveUp(), surplusBefore);
    giveUpSome(number);
    surplusBefore = number > 0 ? 0 : balance.giveUp();
  }

  private void takeSome(ClusterSnapshot clusterSnapshot, int number) {
    freeShards.next(clusterSnapshot).stream()
        .map(shards::get)
        .filter(SharedShard::isIdle)
        .limit(number)
        .forEach(SharedShard::seek);
  }

  /**
   * Releases shards that can be drained quickly. A shard that is held up is not released, because
   * its drain would take long, and no relay would publish its new events meanwhile.
   */
  private void giveUpSome(int number) {
    shards.stream()
        .filter(SharedShard::isLed)
        .filter(shard -> !shard.isHeldUp())
        .limit(number)
        .forEach(SharedShard::giveUp);
  }

  /**
   * Closes the session that has failed, and joins again after a pause. Ignores a session that was
   * closed before, because its last query may still fail.
   */
  private void lost(MemberSession opened, Throwable failure) {
    if (opened != session) {
      return;
    }
    to(MembershipState.ABSENT);
    leave();
    failures++;
    String sentence = new FailureClassifier(database, failure).sentence();
    problem = OngoingProblem.goOn(problem, sentence);
    if (failures == 1) {
      LOG.warn(
          "{}; the other relays cannot be seen, so no shard is taken meanwhile; trying again",
          sentence);
    }
    vertx.setTimer(backoff.millis(failures), again -> rejoin());
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

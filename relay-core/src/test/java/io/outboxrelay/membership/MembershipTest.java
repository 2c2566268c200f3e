package io.outboxrelay.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The membership of one relay with others, for four shards. */
class MembershipTest {
  private static final int SHARDS = 4;
  private static final int SELF = 1;
  private static final int OTHER = 2;
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));

  private final SimulatedTime time = new SimulatedTime();
  private final Cluster cluster = new Cluster();
  private final List<Session> sessions = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final List<Shard> shards =
      IntStream.range(0, SHARDS).mapToObj(number -> new Shard(number)).toList();
  private final Membership membership =
      new Membership(this::session, database(), BACKOFF, shards, SELF, new Events());

  private static DatabaseConfig database() {
    return DatabaseConfig.from(
        Settings.of(
            "test", Map.of("database", Map.of("uri", "postgresql://relay@localhost/none"))));
  }

  /** The locks in the database. */
  private static final class Cluster {
    final Map<Integer, Integer> owners = new HashMap<>();
    final Set<Integer> present = new TreeSet<>();
    int number = SHARDS;
    boolean brokerCall;
    boolean isAway;
    Future<Void> announced = Future.succeededFuture();

    ClusterSnapshot snapshot() {
      return new ClusterSnapshot(
          number, Map.copyOf(owners), Set.copyOf(present), brokerCall, Set.of());
    }
  }

  private final class Session implements MemberSession {
    Consumer<Throwable> onLoss = reason -> {};
    private @Nullable Promise<ClusterSnapshot> held;
    boolean isHeld;
    boolean isClosed;

    @Override
    public Future<Void> open(Consumer<Throwable> toTell) {
      onLoss = toTell;
      return cluster.isAway
          ? Future.failedFuture(new IllegalStateException("the database is away"))
          : Future.succeededFuture();
    }

    @Override
    public Future<ClusterSnapshot> look() {
      if (isHeld) {
        Promise<ClusterSnapshot> answer = Promise.promise();
        held = answer;
        return answer.future();
      }
      return Future.succeededFuture(cluster.snapshot());
    }

    @Override
    public Future<Void> announce() {
      return cluster.announced.onSuccess(announced -> cluster.present.add(SELF));
    }

    @Override
    public Future<List<String>> configMismatches() {
      return Future.succeededFuture(List.of());
    }

    @Override
    public Future<Void> close() {
      isClosed = true;
      cluster.present.remove(SELF);
      return Future.succeededFuture();
    }

    Promise<ClusterSnapshot> held() {
      return Objects.requireNonNull(held, "no look is under way");
    }

    void lose() {
      cluster.present.remove(SELF);
      time.run(() -> onLoss.accept(new IllegalStateException("a connection was lost")));
    }
  }

  private Session session() {
    var session = new Session();
    sessions.add(session);
    return session;
  }

  private final class Shard implements SharedShard {
    private final int number;
    Future<Void> prepared = Future.succeededFuture();
    boolean isLed;
    boolean waits;
    boolean isHeldUp;
    boolean isPrepared;
    boolean isExpected;

    Shard(int number) {
      this.number = number;
    }

    @Override
    public ShardKey share() {
      return new ShardKey(number, SHARDS);
    }

    @Override
    public boolean isIdle() {
      return !isLed && !waits;
    }

    @Override
    public boolean isSought() {
      return isLed;
    }

    @Override
    public boolean isLed() {
      return isLed;
    }

    @Override
    public boolean isHeldUp() {
      return isHeldUp;
    }

    @Override
    public void seek() {
      if (isIdle()) {
        isLed = true;
        cluster.owners.put(number, SELF);
      }
    }

    @Override
    public void expect(boolean soon) {
      isExpected = soon;
    }

    @Override
    public Future<Void> prepare() {
      isPrepared = true;
      return prepared;
    }

    @Override
    public void giveUp() {
      isLed = false;
      cluster.owners.remove(number);
    }
  }

  private final class Events implements Membership.Events {
    @Override
    public void resharded(int number) {
      told.add("resharded to " + number);
    }

    @Override
    public void brokerCalled() {
      told.add("broker called");
    }
  }

  private List<Integer> led() {
    return shards.stream().filter(Shard::isLed).map(shard -> shard.number).toList();
  }

  private void start() {
    membership.init(time.vertx(), time.context());
    time.run(membership::start);
  }

  /** Another relay is present and owns all shards but the first {@code free}. */
  private void otherOwns(int free) {
    cluster.present.add(OTHER);
    IntStream.range(free, SHARDS).forEach(shard -> cluster.owners.put(shard, OTHER));
  }

  private void look() {
    time.elapse(LOOK);
  }

  /** This relay owns all shards and looks once a second; another one joins before the next look. */
  private void alone() {
    start();
    look();
    assertThat(led()).hasSize(SHARDS);
    cluster.present.add(OTHER);
    time.elapse(Duration.ofSeconds(1).minus(LOOK));
  }

  @Test
  void aRelayThatIsAloneSeeksAllShards() {
    start();
    assertThat(led()).hasSize(SHARDS);
    assertThat(membership.joined().succeeded()).isTrue();
  }

  @Test
  void aRelaySeeksNoShardThatAnotherOneOwns() {
    otherOwns(2);
    start();
    assertThat(led()).containsExactly(0, 1);
  }

  @Test
  void aRelayLeavesTheOthersTheirPartEvenIfTheyDoNotTakeIt() {
    otherOwns(SHARDS);
    start();
    time.elapse(Duration.ofMinutes(1));
    assertThat(led()).containsExactly(0, 1);
  }

  /** The other relay does not acquire its share, so this relay acquires those shards. */
  @Test
  void aShardThatCannotBeSoughtNowDoesNotTakeThePlaceOfAnotherOne() {
    otherOwns(SHARDS);
    shards.get(0).waits = true;
    start();
    time.elapse(Duration.ofMinutes(1));
    assertThat(led()).hasSize(2).doesNotContain(0);
  }

  @Test
  void aLostConnectionReleasesNoShardAndSeeksNone() {
    otherOwns(2);
    start();
    cluster.isAway = true;
    sessions.get(0).lose();
    assertThat(membership.problem().orElseThrow().what()).contains("a connection was lost");
    cluster.owners.clear();
    time.elapse(Duration.ofMinutes(1));

    assertThat(led()).containsExactly(0, 1);
    assertThat(sessions).hasSizeGreaterThan(10).allMatch(session -> session.isClosed);
    assertThat(membership.problem().orElseThrow().what()).contains("the database is away");
  }

  @Test
  void aRelayThatWasLostJoinsAgainAfterAPause() {
    start();
    sessions.get(0).lose();
    assertThat(sessions).hasSize(1);

    time.elapse(Duration.ofSeconds(1));

    assertThat(sessions).hasSize(2);
    assertThat(cluster.present).containsExactly(SELF);
    assertThat(membership.problem()).isEmpty();
  }

  /** A query of a lost connection may be given up only after the relay has joined again. */
  @Test
  void aLateFailureOfAnEarlierSessionDoesNotEndThePresentOne() {
    start();
    var first = sessions.get(0);
    first.isHeld = true;
    time.elapse(Duration.ofSeconds(1));
    var late = first.held();
    first.lose();
    time.elapse(Duration.ofSeconds(1));
    assertThat(sessions).hasSize(2);

    time.run(() -> late.fail(new IllegalStateException("given up")));

    assertThat(sessions.get(1).isClosed).isFalse();
    assertThat(membership.problem()).isEmpty();
  }

  @Test
  void aLateAnswerOfAnEarlierSessionIsIgnored() {
    otherOwns(0);
    start();
    var first = sessions.get(0);
    first.isHeld = true;
    look();
    var late = first.held();
    first.lose();
    time.elapse(Duration.ofSeconds(1));

    time.run(() -> late.complete(new ClusterSnapshot(SHARDS, Map.of(), Set.of(SELF))));

    assertThat(led()).isEmpty();
  }

  /** While a shard moves between two relays, a single look may ask for one release too many. */
  @Test
  void aShardIsReleasedOnlyIfTwoLooksInARowAskForIt() {
    alone();
    look();
    assertThat(led()).as("the first look").hasSize(SHARDS);
    look();
    assertThat(led()).as("the second look").hasSize(SHARDS / 2);
  }

  @Test
  void noShardIsReleasedIfTheNextLookDoesNotAskForIt() {
    alone();
    look();
    cluster.present.remove(OTHER);
    look();
    cluster.present.add(OTHER);
    time.elapse(Duration.ofSeconds(1));

    assertThat(led()).hasSize(SHARDS);
  }

  @Test
  void aLookBeforeTheConnectionWasLostDoesNotCount() {
    alone();
    look();
    sessions.get(0).lose();
    while (sessions.size() == 1) {
      time.advance();
    }

    assertThat(led()).hasSize(SHARDS);
  }

  /** The shard could be drained only slowly, and no relay publishes it meanwhile. */
  @Test
  void aShardThatIsHeldUpIsNotReleased() {
    alone();
    shards.get(0).isHeldUp = true;
    shards.get(1).isHeldUp = true;
    look();
    look();

    assertThat(led()).containsExactly(0, 1);
  }

  @Test
  void aRelayPreparesItsShardsBeforeItAnnouncesItself() {
    otherOwns(0);
    Promise<Void> prepared = Promise.promise();
    shards.forEach(shard -> shard.prepared = prepared.future());
    start();
    assertThat(shards.stream().filter(shard -> shard.isPrepared)).hasSize(SHARDS / 2);
    assertThat(cluster.present).containsExactly(OTHER);

    time.run(prepared::complete);

    assertThat(cluster.present).containsExactly(SELF, OTHER);
    assertThat(shards).anyMatch(shard -> shard.isExpected);
  }

  @Test
  void aRelayAnnouncesItselfInTheEndAlthoughAShardIsNotPrepared() {
    otherOwns(0);
    shards.forEach(shard -> shard.prepared = Promise.<Void>promise().future());
    start();
    time.elapse(Duration.ofSeconds(10));

    assertThat(cluster.present).containsExactly(SELF, OTHER);
  }

  @Test
  void aRelayThatWithdrawsLeavesTheShardsToTheOthersUntilItComesBack() {
    otherOwns(SHARDS);
    start();
    Promise<Void> until = Promise.promise();

    membership.withdraw(until.future());
    shards.stream().filter(Shard::isLed).forEach(Shard::giveUp);
    assertThat(cluster.present).containsExactly(OTHER);
    time.elapse(Duration.ofMinutes(1));
    assertThat(led()).isEmpty();

    time.run(until::complete);
    assertThat(cluster.present).containsExactly(SELF, OTHER);
    assertThat(led()).isNotEmpty();
  }

  /** The relay comes back also if it has still not reached the broker. */
  @Test
  void aRelayThatHasWithdrawnComesBackIfTheBrokerWasNotReached() {
    start();
    membership.withdraw(Future.failedFuture("refused"));
    assertThat(cluster.present).containsExactly(SELF);
  }

  @Test
  void aRelayThatStopsIsAbsentAtOnceAndJoinsNoMore() {
    start();
    sessions.get(0).isHeld = true;
    time.elapse(Duration.ofSeconds(1));
    var late = sessions.get(0).held();
    shards.forEach(Shard::giveUp);

    time.run(membership::stop);
    time.run(() -> late.complete(cluster.snapshot()));
    time.elapse(Duration.ofMinutes(1));

    assertThat(cluster.present).isEmpty();
    assertThat(led()).isEmpty();
    assertThat(sessions).hasSize(1);
  }

  @Test
  void aRelayThatStopsOrWithdrawsAfterALossDoesNotJoinAgain() {
    start();
    sessions.get(0).lose();
    membership.withdraw(Promise.<Void>promise().future());
    time.elapse(Duration.ofMinutes(1));
    assertThat(sessions).hasSize(1);

    time.run(membership::stop);
    time.elapse(Duration.ofMinutes(1));
    assertThat(sessions).hasSize(1);
  }

  @Test
  void aRelayThatWithdrawsBeforeItHasAnnouncedItselfHasNotJoined() {
    Promise<Void> announced = Promise.promise();
    cluster.announced = announced.future();
    start();
    membership.withdraw(Promise.<Void>promise().future());
    time.run(announced::complete);

    assertThat(membership.joined().isComplete()).isFalse();
  }

  @Test
  void aRelayThatStopsBeforeItHasJoinedSaysSo() {
    start();
    var other = new Membership(this::session, database(), BACKOFF, shards, SELF, new Events());
    other.init(time.vertx(), time.context());
    time.run(other::stop);
    assertThat(other.joined().failed()).isTrue();
  }

  @Test
  void anotherNumberOfShardsIsReportedAndNothingIsSought() {
    otherOwns(0);
    cluster.number = SHARDS + 1;
    cluster.owners.put(SHARDS, OTHER);
    start();

    assertThat(told).contains("resharded to " + (SHARDS + 1));
    assertThat(led()).isEmpty();
    assertThat(shards).noneMatch(shard -> shard.isPrepared);
  }

  @Test
  void aCallOfAnotherRelayIsHeardAtEachLook() {
    otherOwns(0);
    start();
    assertThat(told).isEmpty();
    cluster.brokerCall = true;
    look();
    look();
    assertThat(told).containsExactly("broker called", "broker called");
  }
}

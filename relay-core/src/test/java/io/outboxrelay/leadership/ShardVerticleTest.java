package io.outboxrelay.leadership;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.failure.ProvenBroker;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.pipeline.RelayContext;
import io.outboxrelay.pipeline.ShardContext;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.ScriptedBroker;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ShardVerticleTest {
  /** Needed to create the contexts; the tests run in simulated time and do not wait for it. */
  private static final Vertx VERTX = Vertx.vertx();

  private static final Settings SETTINGS =
      Settings.of(
          "test",
          Map.of(
              "database",
              Map.of("uri", "postgresql://relay@localhost/none"),
              "relay",
              Map.of("retry", Map.of("initial-delay", "50ms", "max-delay", "1s"))));

  private final SimulatedTime time = new SimulatedTime();
  private final List<ScriptedSteps> terms = new ArrayList<>();
  private final List<ShardContext> contexts = new ArrayList<>();
  private final List<String> told = new ArrayList<>();

  /** The step of the first term that is not complete until {@link #held} is. */
  private String heldFirst = "";

  private Promise<Void> held = Promise.promise();
  private boolean failsAlways;

  @AfterAll
  static void close() throws TimeoutException {
    VERTX.close().await(60, SECONDS);
  }

  private final class Events implements ShardVerticle.Events {
    @Override
    public void resharded(int shards) {
      told.add("resharded to " + shards);
    }

    @Override
    public void brokerCalled() {
      told.add("broker called");
    }

    @Override
    public void failed(String sentence) {
      told.add("failed: " + sentence);
    }

    @Override
    public void leads() {
      told.add("leads");
    }
  }

  private ShardVerticle verticle(int shards) {
    var metrics = RelayMetrics.alone();
    var broker = new ScriptedBroker(Future.failedFuture("not needed"));
    var relay =
        new RelayContext(
            Database.create(VERTX, DatabaseConfig.from(SETTINGS)),
            RelayConfig.from(SETTINGS),
            ProvenBroker.of(broker, () -> {}),
            metrics,
            new RelayIdentity("7@here", 7, "same"));
    var verticle =
        new ShardVerticle(
            relay,
            new ShardKey(0, shards),
            new Partitions(List.of()),
            true,
            new Events(),
            this::steps);
    verticle.init(time.vertx(), time.context());
    return verticle;
  }

  private TermSteps steps(ShardContext shard, TermSteps.Term term) {
    var steps = new ScriptedSteps();
    terms.add(steps);
    contexts.add(shard);
    if (terms.size() == 1 && !heldFirst.isEmpty()) {
      held = steps.hold(heldFirst);
    }
    if (failsAlways) {
      steps.hold("prepare").fail(new IllegalStateException("no answer"));
    }
    return steps.of(term);
  }

  private ShardVerticle started(int shards) {
    var verticle = verticle(shards);
    time.run(verticle::start);
    return verticle;
  }

  /** The verticle of the only shard, which leads. */
  private ShardVerticle leading() {
    var verticle = started(1);
    assertThat(verticle.isLed()).isTrue();
    return verticle;
  }

  private Future<?> stopped(ShardVerticle verticle) {
    var stopped = new ArrayList<Future<?>>();
    time.run(() -> stopped.add(verticle.stop()));
    return stopped.get(0);
  }

  private void complete(Promise<Void> promise) {
    time.run(promise::complete);
  }

  private void fail(int term, String reason) {
    time.run(() -> terms.get(term).fail(reason));
  }

  private List<String> taken(int term) {
    return terms.get(term).taken;
  }

  @Test
  void aStopKeepsTheLeaseUntilEverythingReadIsConfirmed() {
    var verticle = leading();
    var drain = terms.get(0).hold("drain");

    var stopped = stopped(verticle);
    assertThat(taken(0)).last().isEqualTo("drain");
    assertThat(stopped.isComplete()).isFalse();

    complete(drain);
    assertThat(taken(0)).endsWith("drain", "stop pipeline", "end on partitions", "release lease");
    assertThat(stopped.succeeded()).isTrue();
    assertThat(verticle.state()).isEqualTo(RelayState.STOPPED);
    assertThat(verticle.ended().succeeded()).isTrue();
  }

  /**
   * If it began earlier, events of both terms would be in flight, and older ones could arrive last.
   */
  @Test
  void theNextTermBeginsOnlyWhenNothingOfTheFailedOneIsInFlight() {
    var verticle = leading();
    var partitions = terms.get(0).hold("end on partitions");

    fail(0, "the connection was lost");
    time.elapse(Duration.ofMinutes(1));
    assertThat(terms).hasSize(1);
    assertThat(taken(0)).doesNotContain("drain", "release lease");
    assertThat(verticle.state()).isEqualTo(RelayState.DRAINING);

    complete(partitions);
    assertThat(taken(0)).last().isEqualTo("release lease");
    time.elapse(Duration.ofSeconds(1));
    assertThat(terms).hasSize(2);
    assertThat(verticle.isLed()).isTrue();
  }

  /** After the failure, another relay may own the shard. */
  @Test
  void aTermThatFailsWhileItIsDrainedPublishesNothingMore() {
    var verticle = leading();
    terms.get(0).hold("drain");
    stopped(verticle);

    fail(0, "the connection was lost");

    assertThat(taken(0)).endsWith("stop pipeline", "end on partitions", "release lease");
  }

  @Test
  void aTermThatFailsWhileItIsReleasedPublishesNothingMore() {
    var verticle = leading();
    terms.get(0).hold("drain");
    time.run(verticle::giveUp);

    fail(0, "the connection was lost");

    assertThat(taken(0)).endsWith("stop pipeline", "end on partitions", "release lease");
  }

  /** Every pending query reports the loss, possibly long after the next term has begun. */
  @Test
  void onlyTheFirstFailureOfATermCounts() {
    heldFirst = "acquire lease";
    var verticle = started(1);
    fail(0, "the connection was lost");
    time.elapse(Duration.ofSeconds(1));
    assertThat(terms).hasSize(2);

    time.run(() -> held.fail(new IllegalStateException("a query failed")));

    assertThat(verticle.isLed()).isTrue();
    assertThat(taken(1)).last().isEqualTo("lead");
    assertThat(told).containsExactly("failed: the connection was lost", "leads");
  }

  @Test
  void aTermThatFailsInItsLastStepDoesNotLead() {
    heldFirst = "lead";
    var verticle = started(1);
    fail(0, "the connection was lost");
    complete(held);

    assertThat(verticle.isLed()).isFalse();
    assertThat(told).containsExactly("failed: the connection was lost");
  }

  @Test
  void aShardIsReleasedInGoodOrderAndLeftToTheOthersForAWhile() {
    var verticle = started(2);
    time.run(verticle::seek);
    var drain = terms.get(0).hold("drain");

    time.run(verticle::giveUp);
    assertThat(verticle.isLed()).isFalse();
    assertThat(taken(0)).last().isEqualTo("drain");
    complete(drain);

    assertThat(taken(0)).last().isEqualTo("release lease");
    assertThat(verticle.isIdle()).as("at once").isFalse();
    time.run(verticle::seek);
    assertThat(terms).hasSize(1);
    time.elapse(Duration.ofSeconds(1));
    assertThat(verticle.isIdle()).as("after a pause").isTrue();
  }

  /** The relay does not reach the broker, so a drain would wait in vain. */
  @Test
  void aShardThatGivesWayEndsAtOnceAndComesBackWhenItMay() {
    var verticle = leading();
    var partitions = terms.get(0).hold("end on partitions");
    Promise<Void> until = Promise.promise();

    var released = verticle.giveWay(until.future());
    assertThat(taken(0)).doesNotContain("drain");
    assertThat(released.isComplete()).as("something is in flight").isFalse();
    complete(partitions);
    assertThat(released.succeeded()).isTrue();

    time.elapse(Duration.ofMinutes(1));
    assertThat(terms).hasSize(1);
    complete(until);
    assertThat(terms).hasSize(2);
    assertThat(verticle.isLed()).isTrue();
  }

  @Test
  void aCampaignThatGivesWayDoesNotLead() {
    heldFirst = "acquire lease";
    var verticle = started(1);

    var released = verticle.giveWay(Promise.<Void>promise().future());
    assertThat(released.succeeded()).isTrue();
    complete(held);

    assertThat(verticle.isLed()).isFalse();
    assertThat(taken(0)).last().isEqualTo("release lease");
  }

  @Test
  void aRelayThatStopsWhileItGivesWayWaitsForEventsInFlight() {
    var verticle = leading();
    var partitions = terms.get(0).hold("end on partitions");
    verticle.giveWay(Promise.<Void>promise().future());

    var stopped = stopped(verticle);
    assertThat(stopped.isComplete()).isFalse();
    complete(partitions);

    assertThat(stopped.succeeded()).isTrue();
  }

  @Test
  void aCallOfTheOwnersDuringACampaignReleasesTheShardAsSoonAsItLeads() {
    heldFirst = "take over";
    started(1);

    time.run(() -> contexts.get(0).onCall().run());
    assertThat(taken(0)).as("a campaign is not interrupted").last().isEqualTo("take over");
    complete(held);

    assertThat(taken(0)).containsSubsequence("lead", "drain", "release lease");
  }

  @Test
  void aFailureThatWaitingCannotMendStopsTheRelay() {
    heldFirst = "begin publishing";
    var verticle = started(1);
    time.run(() -> held.fail(new PublishException.Fatal("the credentials are refused", null)));

    assertThat(verticle.ended().cause()).isInstanceOf(RelayException.class);
    time.elapse(Duration.ofMinutes(1));
    assertThat(terms).as("it seeks nothing more").hasSize(1);
    assertThat(stopped(verticle).succeeded()).isTrue();
  }

  @Test
  void thePauseGrowsWithEachFailure() {
    failsAlways = true;
    started(1);
    time.elapse(Duration.ofMinutes(1));

    assertThat(terms).hasSizeBetween(60, 90);
  }

  @Test
  void otherFailuresAreTriedAgainAfterAPause() {
    heldFirst = "acquire lease";
    var verticle = started(1);
    time.run(() -> held.fail(new IllegalStateException("no answer")));
    assertThat(verticle.problem().orElseThrow().what()).isEqualTo("no answer");

    time.elapse(Duration.ofMillis(10));
    assertThat(terms).hasSize(1);
    time.elapse(Duration.ofSeconds(1));
    assertThat(verticle.isLed()).isTrue();
    assertThat(verticle.problem()).isEmpty();
  }

  @Test
  void aChangedNumberOfShardsIsReportedAndNothingIsSought() {
    heldFirst = "acquire lease";
    var verticle = started(1);
    time.run(() -> held.fail(new ShardCountChangedException(4)));

    assertThat(told).containsExactly("resharded to 4");
    time.elapse(Duration.ofMinutes(1));
    assertThat(terms).hasSize(1);
    assertThat(verticle.ended().isComplete()).isFalse();
  }

  @Test
  void aShardThatAnotherRelayHasTakenIsNoFailure() {
    heldFirst = "acquire lease";
    var verticle = started(2);
    time.run(verticle::seek);
    time.run(() -> held.fail(new LeaseTakenException("taken")));

    assertThat(verticle.isIdle()).isTrue();
    assertThat(told).isEmpty();
    assertThat(taken(0)).last().isEqualTo("release lease");
  }

  @Test
  void oneOfSeveralShardsIsSoughtOnlyOnRequest() {
    var verticle = started(2);
    time.elapse(Duration.ofMinutes(1));
    assertThat(terms).isEmpty();

    time.run(verticle::seek);
    assertThat(verticle.isLed()).isTrue();
  }

  @Test
  void aPreparedStandbyIsUsedForTheNextTerm() {
    var verticle = started(2);
    assertThat(verticle.prepare().succeeded()).isTrue();
    assertThat(taken(0)).containsExactly("prepare", "warm up");

    time.run(verticle::seek);

    assertThat(terms).hasSize(1);
    assertThat(taken(0)).last().isEqualTo("lead");
  }

  @Test
  void aStopDismissesThePreparedStandby() {
    var verticle = started(2);
    verticle.prepare();

    assertThat(stopped(verticle).succeeded()).isTrue();

    assertThat(taken(0)).last().isEqualTo("release lease");
  }

  /** A warm standby serves only a shard that this relay does not own or seek. */
  @Test
  void anOwnerKeepsNoStandbyForItsOwnShard() {
    var verticle = started(2);
    time.run(verticle::seek);

    verticle.expect(true);

    assertThat(terms).hasSize(1);
  }

  @Test
  void aStopDuringACampaignReleasesTheLeaseAtOnce() {
    heldFirst = "take over";
    var verticle = started(1);

    assertThat(stopped(verticle).succeeded()).isTrue();
    complete(held);

    assertThat(taken(0)).endsWith("take over", "stop pipeline", "release lease");
    assertThat(verticle.isLed()).isFalse();
  }
}

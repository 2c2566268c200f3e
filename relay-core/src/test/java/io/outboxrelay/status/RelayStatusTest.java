package io.outboxrelay.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.status.ShardObservation.Leadership;
import io.outboxrelay.status.ShardObservation.Pace;
import io.outboxrelay.status.StatusInputs.Phase;
import io.outboxrelay.status.UndeliveredEvents.PausesInForce;
import io.outboxrelay.testkit.RandomRuns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The status follows from the observations, and claims no more than they show. */
class RelayStatusTest {
  private static final Optional<OngoingProblem.Observed> BROKER_AWAY =
      Optional.of(new OngoingProblem.Observed("every try has failed", Duration.ofSeconds(42)));

  @Test
  void nothingWaits() {
    assertThat(of(Phase.RUNNING, mine(0, 0, 900)))
        .hasToString("idle: nothing that is committed waits");
    assertThat(of(Phase.RUNNING, mine(0, 0, 1)))
        .hasToString("delivering: nothing waits, the last confirm was 1.0 s ago");
  }

  @Test
  void waitingEventsAreDeliveredSoon() {
    assertThat(of(Phase.RUNNING, mine(12, 0.3, 0.1)))
        .hasToString("delivering: 12 events wait, the oldest for 0.3 s");
  }

  @Test
  void aBacklogHasAnOutlook() {
    var facts = mine(12_000, 90, 0.1);
    assertThat(of(Phase.RUNNING, with(facts, new Pace(500, 100))))
        .hasToString(
            "behind: 12,000 events wait, the oldest for 90 s; 500 a second are confirmed and 100"
                + " written, so it takes about 30 s more");
    assertThat(of(Phase.RUNNING, with(facts, new Pace(500, 600))).sentence())
        .endsWith("so the backlog does not shrink");
    assertThat(of(Phase.RUNNING, facts).sentence()).endsWith("the oldest for 90 s");
  }

  @Test
  void theBrokerIsAway() {
    var evidence = evidence(Phase.RUNNING, mine(3, 42, 42)).broker(BROKER_AWAY).build();
    assertThat(RelayStatus.of(evidence))
        .hasToString(
            "stuck: on the broker, for 42 s, while 3 events wait, the oldest for 42 s: every try has"
                + " failed; the relay goes on by itself once the broker accepts events");
  }

  @Test
  void aBrokerThatIsAwayWhileNothingWaitsIsNoMatter() {
    var evidence = evidence(Phase.RUNNING, mine(0, 0, 900)).broker(BROKER_AWAY).build();
    assertThat(RelayStatus.of(evidence).state()).isEqualTo(StatusCode.IDLE);
  }

  @Test
  void oneEventHoldsUpAll() {
    var trouble =
        new OngoingProblem.Observed(
            "event 7 of order 42 was not published: no", Duration.ofSeconds(60));
    var evidence = evidence(Phase.RUNNING, mine(9_000, 60, 30)).event(Optional.of(trouble)).build();
    assertThat(RelayStatus.of(evidence).toString())
        .startsWith("stuck: on an event, for 60 s, while 9,000 events wait")
        .contains("event 7 of order 42 was not published: no");
  }

  @Test
  void fromTheDatabaseAloneTheReasonIsNotKnown() {
    assertThat(of(Phase.ASKED, theirs(5, 60, 60)).toString())
        .startsWith("stuck: for an unknown reason: nothing was confirmed for 60 s")
        .endsWith("see the log of 7@there and the status that it reports");
  }

  @Test
  void noRelayLeads() {
    assertThat(of(Phase.ASKED, leaderless()))
        .hasToString(
            "stuck: no relay leads shard 0; the last one was 7@there; 2 events wait there; start a"
                + " relay");
  }

  private static ShardObservation leaderless() {
    return new ShardObservation(
        0,
        new Leadership(Optional.empty(), Optional.of("7@there"), false),
        waiting(2, Optional.of(Duration.ofSeconds(3))),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void anotherLeads() {
    assertThat(of(Phase.RUNNING, theirs(5, 60, 60)))
        .hasToString(
            "standing by: for 7@there, which leads shard 0; takes over by itself when it ends");
  }

  @Test
  void aLongTransactionIsNamedAndHoldsUpNothingElse() {
    var open =
        new OpenTransaction(
            4711, "900", "psql", "idle in transaction", Optional.of(Duration.ofMinutes(12)));
    var evidence = evidence(Phase.RUNNING, mine(0, 0, 900)).open(open).build();
    assertThat(RelayStatus.of(evidence))
        .hasToString(
            "idle: nothing that is committed waits; the transaction of pid 4711 (psql, idle in"
                + " transaction) is open for 12 min: if it wrote events, these are published when"
                + " it commits");
  }

  @Test
  void aLockStopsAll() {
    var evidence =
        evidence(Phase.RUNNING, mine(3, 20, 20))
            .wait(new LockWait(4711, "psql", Duration.ofSeconds(20)))
            .build();
    assertThat(RelayStatus.of(evidence).toString())
        .startsWith("stuck: on a lock: pid 4711 (psql) has locked what the relay needs, for 20 s")
        .endsWith("pg_terminate_backend(4711)");
  }

  @Test
  void parkedAggregatesAndClosedDestinationsAreAsides() {
    var evidence =
        evidence(Phase.RUNNING, mine(1, 0.2, 0.1))
            .parked(3)
            .openBreakers(Map.of("orders", "no leader"))
            .build();
    assertThat(RelayStatus.of(evidence))
        .hasToString(
            "delivering; 3 aggregates are blocked: 1 event waits for 0.2 s; 3 aggregates are blocked"
                + " behind a rejected event, see dead-letters list; orders accepts nothing and its events are deferred until it does: no leader");
  }

  @Test
  void aProblemOfSomeEventsIsAWarning() {
    var well = evidence(Phase.RUNNING, mine(0, 0, 900));
    assertThat(RelayStatus.of(well.build()).severity()).isEqualTo(Severity.OK);
    assertThat(RelayStatus.of(well.parked(5).build()))
        .returns(Severity.WARNING, RelayStatus::severity)
        .returns(StatusCode.IDLE, RelayStatus::state)
        .returns("idle; 5 aggregates are blocked", RelayStatus::headline);
    assertThat(
            RelayStatus.of(well.parked(0).openBreakers(Map.of("orders", "full")).build())
                .severity())
        .isEqualTo(Severity.WARNING);
    assertThat(of(Phase.RUNNING, mine(12_000, 90, 0.1)).severity()).isEqualTo(Severity.WARNING);
    assertThat(of(Phase.RUNNING, mine(5, 60, 60)).severity()).isEqualTo(Severity.STUCK);
  }

  @Test
  void aStuckRelayNamesItsCause() {
    var waiting = mine(3, 42, 42);
    var event =
        Optional.of(
            new OngoingProblem.Observed("event 7 was not published", Duration.ofSeconds(60)));
    var database =
        Optional.of(new OngoingProblem.Observed("connection refused", Duration.ofSeconds(10)));
    var lock = new LockWait(4711, "psql", Duration.ofSeconds(20));
    var running = evidence(Phase.RUNNING, waiting);
    assertThat(RelayStatus.of(running.broker(BROKER_AWAY).build()).cause())
        .contains(StuckCause.BROKER);
    assertThat(RelayStatus.of(evidence(Phase.RUNNING, waiting).event(event).build()).cause())
        .contains(StuckCause.EVENT);
    assertThat(RelayStatus.of(evidence(Phase.RUNNING).database(database).build()).cause())
        .contains(StuckCause.DATABASE);
    assertThat(RelayStatus.of(evidence(Phase.RUNNING, waiting).wait(lock).build()).cause())
        .contains(StuckCause.LOCK);
    assertThat(of(Phase.ASKED, leaderless()).cause()).contains(StuckCause.NO_LEADER);
    assertThat(of(Phase.ASKED, theirs(5, 60, 60)).cause()).contains(StuckCause.UNKNOWN);
    assertThat(of(Phase.RUNNING, mine(0, 0, 900)).cause()).isEmpty();
  }

  /** The start counts as an outage once the broker has been away for ten seconds. */
  @Test
  void aBrokerThatWasNeverThereIsNoCalmStartWhileEventsWait() {
    assertThat(atStart(9, mine(120, 9, 0)).state()).isEqualTo(StatusCode.STARTING);
    assertThat(atStart(10, mine(120, 10, 0)))
        .hasToString(
            "stuck: on the broker, for 10 s, while 120 events wait, the oldest for 10 s: refused;"
                + " the relay goes on by itself once the broker accepts events");
    assertThat(atStart(10, mine(0, 0, 0)))
        .returns(StatusCode.STARTING, RelayStatus::state)
        .returns(Severity.WARNING, RelayStatus::severity);
    assertThat(atStart(10, theirs(120, 10, 0)).state()).isEqualTo(StatusCode.STARTING);
  }

  private static RelayStatus atStart(long seconds, ShardObservation facts) {
    return RelayStatus.of(
        evidence(Phase.STARTING, facts)
            .broker(
                Optional.of(new OngoingProblem.Observed("refused", Duration.ofSeconds(seconds))))
            .build());
  }

  @Test
  void aDatabaseThatWasNeverThereIsNoCalmStart() {
    var away =
        Optional.of(new OngoingProblem.Observed("connection refused", Duration.ofSeconds(10)));
    assertThat(RelayStatus.of(evidence(Phase.STARTING).database(away).build()).toString())
        .startsWith("stuck: on the database, for 10 s: connection refused");
  }

  @Test
  void theWorstShardIsToldOfAndNamed() {
    var idle = mine(0, 0, 900);
    var behind =
        new ShardObservation(
            1,
            Leadership.of("me"),
            waiting(50, Optional.of(Duration.ofSeconds(8))),
            Optional.of(Duration.ZERO),
            Optional.empty());
    assertThat(of(Phase.RUNNING, idle, behind))
        .hasToString("behind: shard 1: 50 events wait, the oldest for 8.0 s");
  }

  /** The status reports events that the account lacks, even if there is no other problem. */
  @Test
  void eventsThatTheAccountLacksAreToldAsAWarning() {
    var evidence =
        evidence(Phase.RUNNING, mine(0, 0, 900))
            .build()
            .with(
                new UndeliveredEvents(
                    0, PausesInForce.NONE, new AccountDifferences.Summary(1, 3, 0, 4096, 8191)));
    var verdict = RelayStatus.of(evidence);
    assertThat(verdict.severity()).isEqualTo(Severity.WARNING);
    assertThat(verdict.toString())
        .startsWith("idle; events may never have been published")
        .contains(
            "the account of the deliveries lacks at least 3 events that count as published, in 1"
                + " range (never published, or the account was changed) between the sequence numbers"
                + " 4096 and 8191; the clean-up deletes nothing of it, see the command check");
  }

  @Test
  void aPauseIsToldWithItsReason() {
    var paused =
        StatusInputs.of(Phase.RUNNING)
            .withPauses(
                new PausesInForce(
                    Optional.of(
                        new OngoingProblem.Observed(
                            "by ann: the topics move", Duration.ofMinutes(5))),
                    Map.of()));
    assertThat(RelayStatus.of(paused).toString())
        .isEqualTo(
            "paused: for 5 min: by ann: the topics move; nothing is published until it is resumed");
  }

  /** A pause can be forgotten, and only the consumers would notice. */
  @Test
  void aPausedDestinationIsAWarningAlsoIfNothingWaits() {
    var idle = evidence(Phase.ASKED, theirs(0, 0, 900)).build();
    var one = idle.withPauses(new PausesInForce(Optional.empty(), Map.of("orders", "paused by a")));
    assertThat(RelayStatus.of(one))
        .hasToString(
            "idle; orders is paused: nothing that is committed waits; orders is paused by a: its"
                + " events are deferred until it is resumed");
    assertThat(RelayStatus.of(one).severity()).isEqualTo(Severity.WARNING);
    assertThat(RelayStatus.of(one).state()).isEqualTo(StatusCode.IDLE);
    var two =
        idle.withPauses(
            new PausesInForce(Optional.empty(), Map.of("orders", "paused", "audit", "paused")));
    assertThat(RelayStatus.of(two).headline())
        .isEqualTo("idle; 2 pauses of destinations are in force");
  }

  @Test
  void whateverIsKnown() {
    for (int seed = 0; seed < RandomRuns.of(20_000); seed++) {
      whateverIsKnown(new Random(seed));
    }
  }

  private static void whateverIsKnown(Random random) {
    var evidence = anything(random);
    var verdict = RelayStatus.of(evidence);
    String line = verdict.toString();

    assertThat(line).doesNotContain("null", "Optional", "NaN", "Infinity", "  ", "%");
    assertThat(line).doesNotEndWith(".").isNotBlank();
    if (evidence.problems().broker().isEmpty() || evidence.phase() == Phase.ASKED) {
      assertThat(line).doesNotContain("on the broker");
    }
    if (evidence.database().isPresent() && evidence.phase() == Phase.RUNNING) {
      String on = evidence.sessions().lockWaits().isEmpty() ? "the database" : "a lock";
      assertThat(line).startsWith("stuck: on " + on);
    }
    if (evidence.phase() == Phase.ASKED) {
      assertThat(verdict.state()).isNotIn(StatusCode.STANDING_BY, StatusCode.STOPPING);
      assertThat(line).doesNotContain("this relay");
    }
    if (verdict.state() == StatusCode.BEHIND) {
      assertThat(evidence.shards())
          .anyMatch(shard -> shard.waiting().oldest().orElse(Duration.ZERO).toMillis() > 5_000);
    }
    if (verdict.state() == StatusCode.IDLE || verdict.state() == StatusCode.DELIVERING) {
      assertThat(evidence.sessions().lockWaits()).isEmpty();
      assertThat(evidence.shards()).allMatch(shard -> shard.leader().isPresent());
    }
  }

  @Test
  void aProblemOfSomeEventsDoesNotChangeTheState() {
    for (int seed = 0; seed < RandomRuns.of(2_000); seed++) {
      suffersFromMore(anything(new Random(seed)));
    }
  }

  private static void suffersFromMore(StatusInputs evidence) {
    var more =
        new StatusInputs(
            evidence.phase(),
            evidence.database(),
            evidence.shards(),
            new DeliveryProblems(
                evidence.problems().broker(),
                evidence.problems().event(),
                Map.of("elsewhere", "full")),
            new OtherSessions(
                evidence.sessions().lockWaits(),
                List.of(new OpenTransaction(1, "1", "psql", "", Optional.of(Duration.ofHours(3)))),
                List.of()),
            new UndeliveredEvents(
                evidence.undelivered().parked() + 7,
                new PausesInForce(Optional.empty(), Map.of("audit", "paused by ann")),
                AccountDifferences.Summary.NONE));
    assertThat(RelayStatus.of(more).state()).isEqualTo(RelayStatus.of(evidence).state());
  }

  @Test
  void waitingLongerIsNeverBetter() {
    for (int seed = 0; seed < RandomRuns.of(2_000); seed++) {
      waitsLonger(new Random(seed));
    }
  }

  private static void waitsLonger(Random random) {
    double quiet = random.nextInt(30);
    double age = random.nextInt(30);
    int sooner = severity(of(Phase.RUNNING, mine(5, age, quiet)).state());
    int later = severity(of(Phase.RUNNING, mine(5, age + random.nextInt(60), quiet)).state());
    assertThat(later).isGreaterThanOrEqualTo(sooner);
  }

  private static int severity(StatusCode state) {
    return List.of(StatusCode.IDLE, StatusCode.DELIVERING, StatusCode.BEHIND, StatusCode.STUCK)
        .indexOf(state);
  }

  private static StatusInputs anything(Random random) {
    var phases = List.of(Phase.values());
    var phase = phases.get(random.nextInt(phases.size()));
    var shards = new ArrayList<ShardObservation>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      shards.add(anyShard(i, phase, random));
    }
    var some = evidence(phase, shards.toArray(ShardObservation[]::new));
    if (phase != Phase.ASKED) {
      some.broker(maybe(random, problem(random))).event(maybe(random, problem(random)));
      some.database(maybe(random, problem(random)));
    }
    if (random.nextInt(4) == 0) {
      some.wait(new LockWait(4711, random.nextBoolean() ? "" : "psql", age(random)));
    }
    if (random.nextInt(3) == 0) {
      some.open(
          new OpenTransaction(random.nextInt(2), "9", "nightly", "", maybe(random, age(random))));
    }
    return some.parked(random.nextInt(3)).build();
  }

  private static ShardObservation anyShard(int number, Phase phase, Random random) {
    boolean led = random.nextInt(5) > 0;
    boolean mine = led && phase == Phase.RUNNING && random.nextBoolean();
    long waiting = random.nextBoolean() ? 0 : random.nextInt(20_000);
    return new ShardObservation(
        number,
        new Leadership(
            led ? Optional.of(mine ? "me" : "7@there") : Optional.empty(),
            maybe(random, "8@elsewhere"),
            mine),
        new WaitingEvents(
            waiting, waiting > 1_000, waiting == 0 ? Optional.empty() : maybe(random, age(random))),
        maybe(random, age(random)),
        maybe(random, new Pace(random.nextInt(1_000), random.nextInt(1_000))));
  }

  private static OngoingProblem.Observed problem(Random random) {
    return new OngoingProblem.Observed("something is wrong", age(random));
  }

  private static Duration age(Random random) {
    return Duration.ofMillis(random.nextInt(1 << random.nextInt(1, 30)));
  }

  private static <T> Optional<T> maybe(Random random, T value) {
    return random.nextBoolean() ? Optional.of(value) : Optional.empty();
  }

  private static RelayStatus of(Phase phase, ShardObservation... shards) {
    return RelayStatus.of(evidence(phase, shards).build());
  }

  private static ShardObservation mine(long waiting, double oldest, double quiet) {
    return facts(true, "me", waiting, oldest, quiet);
  }

  private static ShardObservation theirs(long waiting, double oldest, double quiet) {
    return facts(false, "7@there", waiting, oldest, quiet);
  }

  private static ShardObservation facts(
      boolean mine, String leader, long waiting, double oldest, double quiet) {
    return new ShardObservation(
        0,
        new Leadership(Optional.of(leader), Optional.of(leader), mine),
        waiting(waiting, waiting == 0 ? Optional.empty() : Optional.of(seconds(oldest))),
        Optional.of(seconds(quiet)),
        Optional.empty());
  }

  private static ShardObservation with(ShardObservation facts, Pace pace) {
    return new ShardObservation(
        facts.shard(), facts.leadership(), facts.waiting(), facts.quiet(), Optional.of(pace));
  }

  private static WaitingEvents waiting(long count, Optional<Duration> oldest) {
    return new WaitingEvents(count, false, oldest);
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private static Builder evidence(Phase phase, ShardObservation... shards) {
    return new Builder(phase, List.of(shards));
  }

  private static final class Builder {
    private final Phase phase;
    private final List<ShardObservation> shards;
    private final List<LockWait> waits = new ArrayList<>();
    private final List<OpenTransaction> open = new ArrayList<>();
    private Optional<OngoingProblem.Observed> database = Optional.empty();
    private Optional<OngoingProblem.Observed> broker = Optional.empty();
    private Optional<OngoingProblem.Observed> event = Optional.empty();
    private Map<String, String> openBreakers = Map.of();
    private long parked;

    Builder(Phase phase, List<ShardObservation> shards) {
      this.phase = phase;
      this.shards = shards;
    }

    Builder database(Optional<OngoingProblem.Observed> trouble) {
      database = trouble;
      return this;
    }

    Builder broker(Optional<OngoingProblem.Observed> trouble) {
      broker = trouble;
      return this;
    }

    Builder event(Optional<OngoingProblem.Observed> trouble) {
      event = trouble;
      return this;
    }

    Builder wait(LockWait one) {
      waits.add(one);
      return this;
    }

    Builder open(OpenTransaction one) {
      open.add(one);
      return this;
    }

    Builder openBreakers(Map<String, String> destinations) {
      openBreakers = destinations;
      return this;
    }

    Builder parked(long aggregates) {
      parked = aggregates;
      return this;
    }

    StatusInputs build() {
      return new StatusInputs(
          phase,
          database,
          shards,
          new DeliveryProblems(broker, event, openBreakers),
          new OtherSessions(waits, open, List.of()),
          new UndeliveredEvents(parked, PausesInForce.NONE, AccountDifferences.Summary.NONE));
    }
  }
}

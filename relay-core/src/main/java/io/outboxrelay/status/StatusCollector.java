package io.outboxrelay.status;

import io.outboxrelay.health.HealthReport;
import io.outboxrelay.health.HealthReport.Part;
import io.outboxrelay.health.SecondaryParts;
import io.outboxrelay.metrics.OngoingProblem;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.status.StatusInputs.Ailment;
import io.outboxrelay.status.StatusInputs.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Collects the state of this relay for status and health. It reads the values that the parts of the
 * relay record, on any thread, and queries nothing.
 */
public final class StatusCollector {
  /**
   * The silence of an event loop that counts as blocked. Longer than a pause of the whole machine
   * or the first loading of a class.
   */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private final OwnedShards shards;
  private final DatabaseMonitor observer;
  private final RelayMetrics metrics;
  private final Phase phase;
  private final String self;
  private final SecondaryParts secondary;

  /**
   * @param self the name of this relay
   */
  public StatusCollector(
      OwnedShards shards,
      DatabaseMonitor observer,
      RelayMetrics metrics,
      Phase phase,
      String self,
      SecondaryParts secondary) {
    this.shards = shards;
    this.observer = observer;
    this.metrics = metrics;
    this.phase = phase;
    this.self = self;
    this.secondary = secondary;
  }

  /** Returns the observations from which the status is derived. */
  public StatusInputs evidence() {
    var sessions = observer.sessions();
    return new StatusInputs(
        phase,
        database().map(StatusCollector::ailment),
        shards(),
        sessions.waits(),
        sessions.open(),
        broker().map(StatusCollector::ailment),
        mine().stream()
            .flatMap(shard -> metrics.event(shard).stream())
            .findFirst()
            .map(StatusCollector::ailment),
        openBreakers(),
        seen().filter(this::isMine).mapToLong(ShardRow::parked).sum(),
        Optional.empty(),
        observer.differences(),
        observer.foreignLocks());
  }

  public static Ailment ailment(OngoingProblem problem) {
    return new Ailment(problem.what(), problem.age());
  }

  /**
   * A failure of the monitor does not count, because its connection may be one too many for the
   * server.
   */
  private Optional<OngoingProblem> database() {
    return shards.problem();
  }

  /** A standby reports shard 0, because its publishers are connected too. */
  private Optional<OngoingProblem> broker() {
    var shards = mine().isEmpty() ? List.of(0) : mine();
    return shards.stream().flatMap(shard -> metrics.broker(shard).stream()).findFirst();
  }

  private List<Integer> mine() {
    return shards.owned();
  }

  private boolean isMine(ShardRow observationReader) {
    return mine().contains(observationReader.shard());
  }

  private Stream<ShardRow> seen() {
    return observer.latest().stream().flatMap(seen -> seen.shards().stream());
  }

  private Map<String, String> openBreakers() {
    var open = new LinkedHashMap<String, String>();
    mine().forEach(shard -> open.putAll(metrics.shard(shard).openBreakers()));
    return open;
  }

  /** If the monitor cannot read, falls back to the values in memory for this relay's own shards. */
  private List<ShardObservation> shards() {
    return observer.latest().isPresent()
        ? seen().map(this::facts).toList()
        : mine().stream().map(this::byHeart).toList();
  }

  private ShardObservation byHeart(int number) {
    var shard = metrics.shard(number);
    return new ShardObservation(
        number,
        Optional.of(self),
        Optional.of(self),
        true,
        shard.readAhead(),
        shard.isFull(),
        Optional.empty(),
        quiet(number),
        Optional.empty());
  }

  private ShardObservation facts(ShardRow observationReader) {
    var shard = metrics.shard(observationReader.shard());
    boolean isMine = isMine(observationReader);
    return new ShardObservation(
        observationReader.shard(),
        isMine ? Optional.of(self) : observationReader.leader(),
        observationReader.owner(),
        isMine,
        isMine
            ? Math.max(observationReader.waiting(), shard.readAhead())
            : observationReader.waiting(),
        observationReader.isMore(),
        observationReader.oldest(),
        isMine ? quiet(observationReader.shard()) : Optional.empty(),
        observer.pace(observationReader.shard()));
  }

  /**
   * Returns the time since the last confirm in this term; empty if the relay does not publish yet.
   */
  private Optional<Duration> quiet(int number) {
    var since = shards.ledSince(number);
    if (since.isEmpty()) {
      return Optional.empty();
    }
    long now = System.nanoTime();
    long led = now - since.getAsLong();
    return Optional.of(
        Duration.ofNanos(
            metrics
                .lastConfirmed(number)
                .map(confirmed -> Math.min(led, now - confirmed))
                .orElse(led)));
  }

  /** Returns liveness: not well if an event loop is blocked, so that a restart helps. */
  public HealthReport live() {
    var silence = metrics.silence();
    boolean runs = silence.compareTo(SILENCE) < 0;
    return new HealthReport(
        List.of(
            new Part(
                "event loops",
                runs,
                runs
                    ? "all run"
                    : "one has not run for %d s, so something blocks it; a restart ends that"
                        .formatted(silence.toSeconds()))));
  }

  /** Returns well if database and broker have both answered since the start. */
  public HealthReport started() {
    return new HealthReport(List.of(start()));
  }

  private Part start() {
    boolean over = phase != Phase.STARTING;
    return new Part(
        "startup",
        over,
        over ? "database and broker have answered" : "database or broker have not answered yet");
  }

  /** Returns readiness: well if the relay publishes, or could publish if it led. */
  public HealthReport ready() {
    var parts = new ArrayList<Part>();
    parts.add(start());
    parts.add(part("database", database(), "it answers"));
    parts.add(part("broker", broker(), "the publishers are connected"));
    parts.add(ownership());
    parts.add(doorbell());
    parts.add(account());
    parts.addAll(secondary.parts());
    return new HealthReport(parts);
  }

  private static Part part(String name, Optional<OngoingProblem> trouble, String otherwise) {
    return new Part(
        name,
        trouble.isEmpty(),
        trouble
            .map(problem -> "for %d s: %s".formatted(problem.age().toSeconds(), problem.what()))
            .orElse(otherwise));
  }

  /** A difference does not keep the relay from publishing. */
  private Part account() {
    var differences = observer.differences();
    return new Part(
        "account",
        differences.isEmpty(),
        differences.clause().orElse("no difference to the outbox is known"),
        false);
  }

  private Part ownership() {
    if (phase == Phase.STOPPING) {
      return new Part("shards", false, "the relay is stopping");
    }
    var mine = mine();
    return new Part(
        "shards", true, mine.isEmpty() ? "it stands by" : leads(mine, shards.numbers().size()));
  }

  /**
   * Returns, for example, {@code it leads shard 0 of 1} or {@code it leads 2 of 4 shards: 0, 3}.
   */
  static String leads(List<Integer> mine, int of) {
    String numbers = mine.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return mine.size() == 1
        ? "it leads shard " + numbers + " of " + of
        : "it leads " + mine.size() + " of " + of + " shards: " + numbers;
  }

  /**
   * A doorbell that is not heard is reported, but leaves the relay well, because it polls instead.
   */
  private Part doorbell() {
    boolean deaf = mine().stream().anyMatch(shard -> metrics.shard(shard).isDeaf());
    return new Part(
        "listener",
        true,
        deaf ? "notifications do not arrive; polling instead" : "no failure is known");
  }
}

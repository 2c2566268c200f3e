package io.outboxrelay.status;

import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.health.OwnedShards;
import io.outboxrelay.health.RelayHealth;
import io.outboxrelay.health.RelayPhase;
import io.outboxrelay.status.StatusInputs.Phase;
import io.outboxrelay.status.UndeliveredEvents.PausesInForce;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Collects the state of this relay for its status from the values that the parts of the relay have
 * recorded. It queries neither the database nor the broker. May be used on any thread.
 */
public final class StatusCollector {
  private final OwnedShards shards;
  private final DatabaseObservations observed;
  private final RelayHealth health;
  private final RelayPhase phase;
  private final String self;

  /**
   * @param self the name of this relay
   */
  public StatusCollector(
      OwnedShards shards,
      DatabaseObservations observed,
      RelayHealth health,
      RelayPhase phase,
      String self) {
    this.shards = shards;
    this.observed = observed;
    this.health = health;
    this.phase = phase;
    this.self = self;
  }

  /** Returns the observations from which the status is derived. */
  public StatusInputs evidence() {
    return new StatusInputs(
        phaseOf(phase),
        database().map(OngoingProblem::observed),
        shards(),
        new DeliveryProblems(
            health.broker(shards).map(OngoingProblem::observed),
            mine().stream()
                .flatMap(shard -> health.event(shard).stream())
                .findFirst()
                .map(OngoingProblem::observed),
            openBreakers()),
        observed.sessions(),
        new UndeliveredEvents(
            seen().filter(this::isMine).mapToLong(shard -> shard.deadLetters().parked()).sum(),
            PausesInForce.NONE,
            observed.differences()));
  }

  /**
   * Returns a problem with the database that stops a shard of this relay; empty if there is none. A
   * failure of the monitor alone is not such a problem, because the server may have no connection
   * left for the monitor while the relay publishes.
   */
  private Optional<OngoingProblem> database() {
    return shards.problem();
  }

  private static Phase phaseOf(RelayPhase phase) {
    return switch (phase) {
      case STARTING -> Phase.STARTING;
      case RUNNING -> Phase.RUNNING;
      case STOPPING -> Phase.STOPPING;
    };
  }

  private List<Integer> mine() {
    return shards.owned();
  }

  private boolean isMine(ShardRow row) {
    return mine().contains(row.shard());
  }

  private Stream<ShardRow> seen() {
    return observed.latest().stream().flatMap(seen -> seen.shards().stream());
  }

  private Map<String, String> openBreakers() {
    var open = new LinkedHashMap<String, String>();
    mine().forEach(shard -> open.putAll(health.shard(shard).openBreakers()));
    return open;
  }

  /**
   * Returns the state of all shards as the monitor has last read it. If the monitor cannot read,
   * returns the state of this relay's own shards from memory.
   */
  private List<ShardObservation> shards() {
    return observed.latest().isPresent()
        ? seen().map(this::facts).toList()
        : mine().stream().map(this::fromMemory).toList();
  }

  private ShardObservation fromMemory(int number) {
    var shard = health.shard(number);
    return new ShardObservation(
        number,
        ShardObservation.Leadership.of(self),
        new WaitingEvents(shard.readAheadEvents(), shard.isFull(), Optional.empty()),
        quiet(number),
        Optional.empty());
  }

  private ShardObservation facts(ShardRow row) {
    var shard = health.shard(row.shard());
    boolean isMine = isMine(row);
    return new ShardObservation(
        row.shard(),
        new ShardObservation.Leadership(
            isMine ? Optional.of(self) : row.leader(), row.owner(), isMine),
        isMine ? row.waiting().atLeast(shard.readAheadEvents()) : row.waiting(),
        isMine ? quiet(row.shard()) : Optional.empty(),
        observed.pace(row.shard()));
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
            health
                .lastConfirmed(number)
                .map(confirmed -> Math.min(led, now - confirmed))
                .orElse(led)));
  }
}

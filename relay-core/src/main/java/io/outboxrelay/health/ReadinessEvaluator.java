package io.outboxrelay.health;

import io.outboxrelay.health.HealthReport.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Derives readiness and startup from the state that the parts of the relay have recorded. It
 * queries neither the database nor the broker. May be used on any thread.
 */
public final class ReadinessEvaluator {
  private final RelayPhase phase;
  private final OwnedShards shards;
  private final RelayHealth health;
  private final Optional<String> differences;
  private final SecondaryParts secondary;

  /**
   * @param differences a clause about the known differences between the account and the outbox;
   *     empty if no difference is known
   */
  public ReadinessEvaluator(
      RelayPhase phase,
      OwnedShards shards,
      RelayHealth health,
      Optional<String> differences,
      SecondaryParts secondary) {
    this.phase = phase;
    this.shards = shards;
    this.health = health;
    this.differences = differences;
    this.secondary = secondary;
  }

  /** Returns startup: well once database and broker have both answered. */
  public HealthReport started() {
    return new HealthReport(List.of(start()));
  }

  /** Returns readiness: well if the relay publishes, or could publish if it led. */
  public HealthReport ready() {
    var parts = new ArrayList<Part>();
    parts.add(start());
    parts.add(part("database", shards.problem(), "it answers"));
    parts.add(part("broker", health.broker(shards), "the publishers are connected"));
    parts.add(ownership());
    parts.add(doorbell());
    parts.add(account());
    parts.addAll(secondary.parts());
    return new HealthReport(parts);
  }

  private Part start() {
    boolean over = phase != RelayPhase.STARTING;
    return new Part(
        "startup",
        over,
        over ? "database and broker have answered" : "database or broker have not answered yet");
  }

  private static Part part(String name, Optional<OngoingProblem> problem, String otherwise) {
    return new Part(
        name,
        problem.isEmpty(),
        problem
            .map(known -> "for %d s: %s".formatted(known.age().toSeconds(), known.what()))
            .orElse(otherwise));
  }

  private Part ownership() {
    if (phase == RelayPhase.STOPPING) {
      return new Part("shards", false, "the relay is stopping");
    }
    var owned = shards.owned();
    return new Part(
        "shards", true, owned.isEmpty() ? "it stands by" : leads(owned, shards.numbers().size()));
  }

  /**
   * Returns which shards this relay leads, for example {@code it leads shard 0 of 1} or {@code it
   * leads 2 of 4 shards: 0, 3}.
   */
  static String leads(List<Integer> owned, int of) {
    String numbers = owned.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return owned.size() == 1
        ? "it leads shard " + numbers + " of " + of
        : "it leads " + owned.size() + " of " + of + " shards: " + numbers;
  }

  /**
   * Returns the part for notifications. If notifications do not arrive, the part says so and is
   * well nevertheless, because the relay polls instead.
   */
  private Part doorbell() {
    boolean isDeaf = shards.owned().stream().anyMatch(shard -> health.shard(shard).isDeaf());
    return new Part(
        "listener",
        true,
        isDeaf ? "notifications do not arrive; polling instead" : "no failure is known");
  }

  /**
   * Returns the part for the comparison of the account with the outbox. Publishing does not need
   * this part, because the relay publishes despite a difference.
   */
  private Part account() {
    return new Part(
        "account",
        differences.isEmpty(),
        differences.orElse("no difference to the outbox is known"),
        false);
  }
}

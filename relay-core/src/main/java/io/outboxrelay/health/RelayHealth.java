package io.outboxrelay.health;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * The state of all shards and partitions of one relay.
 *
 * <p>Readiness, liveness, the status and the handover to another relay are decided from this state,
 * and the metrics show it. The state of each shard and each partition is stored under its number,
 * and is not reset at the end of a term. May be read on any thread.
 */
public final class RelayHealth {
  private final Map<Integer, ShardHealth> shards = new ConcurrentHashMap<>();
  private final Map<PartitionKey, PartitionHealth> partitions = new ConcurrentHashMap<>();

  private record PartitionKey(int shard, int partition) {}

  public ShardHealth shard(int shard) {
    return shards.computeIfAbsent(shard, number -> new ShardHealth());
  }

  public PartitionHealth partition(int shard, int partition) {
    return partitions.computeIfAbsent(
        new PartitionKey(shard, partition), place -> new PartitionHealth());
  }

  /** Returns the state of each shard for which this relay has recorded a state. */
  public Collection<ShardHealth> shards() {
    return List.copyOf(shards.values());
  }

  /** Removes the state of shards from number {@code count} on, because they no longer exist. */
  public void onlyShards(int count) {
    shards.keySet().removeIf(shard -> shard >= count);
  }

  /**
   * Returns the problem that prevents a shard's partitions from publishing; empty if there is none,
   * or if a partition of the shard has had a confirm since the problem began.
   */
  public Optional<OngoingProblem> broker(int shard) {
    var all = partitions(shard);
    var problems = all.stream().map(PartitionHealth::problem).filter(Objects::nonNull).toList();
    return oldest(problems)
        .filter(problem -> all.stream().noneMatch(partition -> partition.confirmedSince(problem)));
  }

  /**
   * Returns the problem that prevents publishing. If several owned shards have one, returns that of
   * the first of them. If this relay owns no shard, uses shard 0, because a standby connects the
   * publishers of shard 0.
   */
  public Optional<OngoingProblem> broker(OwnedShards shards) {
    var owned = shards.owned();
    return (owned.isEmpty() ? List.of(0) : owned)
        .stream().flatMap(shard -> broker(shard).stream()).findFirst();
  }

  /**
   * Returns the problem of one event of the shard that is tried again and again: of those that the
   * partitions have recorded, the oldest. Empty if no event fails. Other events may succeed
   * meanwhile.
   */
  public Optional<OngoingProblem> event(int shard) {
    return oldest(
        partitions(shard).stream().map(PartitionHealth::event).filter(Objects::nonNull).toList());
  }

  /** Returns the {@link System#nanoTime} of a shard's last confirm; empty if there was none. */
  public Optional<Long> lastConfirmed(int shard) {
    return partitions(shard).stream()
        .map(PartitionHealth::lastConfirmed)
        .filter(nanos -> nanos != 0)
        .max(Comparator.comparingLong(nanos -> nanos - System.nanoTime()));
  }

  /** Returns how many events the publishers have not answered yet. */
  public long inFlight() {
    return partitions.values().stream().mapToLong(PartitionHealth::inFlight).sum();
  }

  /** Returns the time since the last run of the event loop that ran least recently. */
  public Duration silence() {
    long now = System.nanoTime();
    return Duration.ofNanos(
        LongStream.concat(
                partitions.values().stream().mapToLong(PartitionHealth::lastTick),
                shards.values().stream().mapToLong(ShardHealth::lastTick))
            .filter(tick -> tick != 0)
            .map(tick -> now - tick)
            .max()
            .orElse(0));
  }

  private static Optional<OngoingProblem> oldest(Collection<OngoingProblem> problems) {
    return problems.stream()
        .max(Comparator.comparingLong(problem -> System.nanoTime() - problem.sinceNanos()));
  }

  private List<PartitionHealth> partitions(int shard) {
    return partitions.entrySet().stream()
        .filter(entry -> entry.getKey().shard == shard)
        .map(Map.Entry::getValue)
        .toList();
  }
}

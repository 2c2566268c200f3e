package io.outboxrelay.membership;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which free shards a relay tries to acquire, so that relays that look at the same time do
 * not try for the same shard. Each relay computes how many shards every relay lacks; relays with a
 * lower number choose first.
 *
 * <p>While no shard is free, each shard has a warm standby. If a rebalancing is about to release
 * the shard, the warm standby is the relay that will receive the shard. Otherwise it is the relay
 * that would try for the shard if the shard's owner had just died. All relays compute the same warm
 * standbys from the same snapshot. If a shard becomes free, the other relays leave it to its warm
 * standby.
 *
 * <p>If a shard stays free for a second, the relay chosen for it probably cannot acquire it, so all
 * relays try.
 */
final class FreeShardSelector {
  /**
   * The number of looks after which all relays try for a free shard. These looks take at least one
   * second in total, which is longer than a relay takes to acquire a shard.
   */
  private static final int PATIENT_LOOKS = 10;

  /**
   * The highest number of shards for which a relay is a warm standby at the same time. There is a
   * limit because a warm standby keeps two connections to the database open for each shard. Further
   * shards are taken over without preparation.
   */
  private static final int MOST_INHERITED = 8;

  private final int self;
  private final Random random;

  /** The number of looks in a row that have found a shard free, by shard. */
  private final Map<Integer, Integer> looks = new HashMap<>();

  /** The last snapshot without a free shard; the warm standbys were computed from it. */
  private @Nullable ClusterSnapshot calm;

  private Map<Integer, Integer> warmStandbys = Map.of();

  /**
   * The relay that will receive a shard, by shard, for the shards that a rebalancing of {@link
   * #calm} will release.
   */
  private Map<Integer, Integer> prospects = Map.of();

  FreeShardSelector(int self, Random random) {
    this.self = self;
    this.random = random;
  }

  /**
   * Processes one more snapshot.
   *
   * @return the free shards that this relay may try to acquire, in order of preference; may be more
   *     than it lacks
   */
  List<Integer> next(ClusterSnapshot clusterSnapshot) {
    var free = clusterSnapshot.free();
    looks.keySet().retainAll(free);
    free.forEach(shard -> looks.merge(shard, 1, Integer::sum));
    if (free.isEmpty()) {
      inherit(clusterSnapshot);
      return List.of();
    }
    var mine = new ArrayList<Integer>();
    var unclaimed = new ArrayList<Integer>();
    for (int shard : free) {
      int warmStandby = warmStandbys.getOrDefault(shard, ClusterSnapshot.UNKNOWN);
      if (wanted(clusterSnapshot, warmStandby) == 0) {
        unclaimed.add(shard);
      } else if (warmStandby == self) {
        mine.add(shard);
      }
    }
    mine.addAll(share(clusterSnapshot, unclaimed, self));
    mine.addAll(leftOver(free, mine));
    return mine;
  }

  /**
   * Returns the shards for which this relay should be a warm standby, at most {@value
   * #MOST_INHERITED}: the shards that a rebalancing will release to it or, if there are none, the
   * shards that it would try for if another relay died.
   */
  Set<Integer> inheritance() {
    var soon = mostOfMine(prospects);
    return soon.isEmpty() ? mostOfMine(warmStandbys) : soon;
  }

  private Set<Integer> mostOfMine(Map<Integer, Integer> relays) {
    return relays.entrySet().stream()
        .filter(warmStandby -> warmStandby.getValue() == self)
        .map(Map.Entry::getKey)
        .sorted()
        .limit(MOST_INHERITED)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void inherit(ClusterSnapshot clusterSnapshot) {
    if (!clusterSnapshot.equals(calm)) {
      calm = clusterSnapshot;
      warmStandbys = warmStandbys(clusterSnapshot);
      prospects = prospects(clusterSnapshot);
      warmStandbys.putAll(prospects);
    }
  }

  /**
   * Returns the number of the warm standby of each owned shard, by shard. Includes the shards of
   * owners that have withdrawn their announcement.
   */
  private static Map<Integer, Integer> warmStandbys(ClusterSnapshot clusterSnapshot) {
    Map<Integer, Integer> warmStandbys = new HashMap<>();
    for (int owner : Set.copyOf(clusterSnapshot.owners().values())) {
      var then = clusterSnapshot.without(owner);
      for (var taken = taken(then); !taken.isEmpty(); taken = taken(then)) {
        warmStandbys.putAll(taken);
        then = then.with(taken);
      }
    }
    return warmStandbys;
  }

  /**
   * Returns the relay that will receive each shard that a rebalancing is about to release, by
   * shard. A relay releases its shards with the lowest numbers first, see {@link Membership}.
   */
  private static Map<Integer, Integer> prospects(ClusterSnapshot clusterSnapshot) {
    Map<Integer, Integer> left = new HashMap<>(clusterSnapshot.owners());
    clusterSnapshot
        .members()
        .forEach(
            (relay, owned) ->
                clusterSnapshot.ownedBy(relay).stream()
                    .limit(RebalanceDecision.of(clusterSnapshot, relay, owned).giveUp())
                    .forEach(left::remove));
    return taken(
        new ClusterSnapshot(
            clusterSnapshot.shards(),
            left,
            clusterSnapshot.present(),
            false,
            clusterSnapshot.blocked()));
  }

  /**
   * Returns the relay that would try for each free shard if no shard had a warm standby, by shard.
   * Every relay computes the same result from the same snapshot.
   */
  private static Map<Integer, Integer> taken(ClusterSnapshot clusterSnapshot) {
    Map<Integer, Integer> taken = new HashMap<>();
    for (int relay : clusterSnapshot.present()) {
      share(clusterSnapshot, clusterSnapshot.free(), relay)
          .forEach(shard -> taken.put(shard, relay));
    }
    return taken;
  }

  /**
   * Returns the shards in {@code free} that {@code relay} should acquire. Relays with lower numbers
   * get the first shards of the list.
   */
  private static List<Integer> share(
      ClusterSnapshot clusterSnapshot, List<Integer> free, int relay) {
    int before =
        clusterSnapshot.present().stream()
            .filter(other -> other < relay)
            .mapToInt(other -> wanted(clusterSnapshot, other))
            .sum();
    int from = Math.min(free.size(), before);
    return free.subList(from, Math.min(free.size(), from + wanted(clusterSnapshot, relay)));
  }

  /** Returns how many free shards {@code relay} should acquire; 0 if it is not running. */
  private static int wanted(ClusterSnapshot clusterSnapshot, int relay) {
    return RebalanceDecision.of(
            clusterSnapshot, relay, clusterSnapshot.members().getOrDefault(relay, 0))
        .take();
  }

  private List<Integer> leftOver(List<Integer> free, List<Integer> mine) {
    var left = new ArrayList<>(free);
    left.removeAll(mine);
    left.removeIf(shard -> looks.getOrDefault(shard, 0) <= PATIENT_LOOKS);
    Collections.shuffle(left, random);
    return left;
  }
}

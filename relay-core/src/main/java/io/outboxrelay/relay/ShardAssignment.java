package io.outboxrelay.relay;

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
 * Which of the free shards a relay tries for, such that those which look at the same time do not
 * try for the same: each works out for all what they lack, and who comes before it has its choice
 * before.
 *
 * <p>While none is free, each shard has an heir: the relay that would try for it, had its owner
 * just died. What some will let go of, as others own less, has the one that lacks it. As all see
 * the same, all know the heirs, and leave them what is theirs.
 *
 * <p>A shard that stays free may be one that its relay cannot take, so after a while all try for
 * it.
 */
final class ShardAssignment {
  /** A second, longer than a relay takes to own what it tries for, or all would join in. */
  private static final int PATIENT_LOOKS = 10;

  /** Each is two connections to the database that wait; with more shards the rest begins cold. */
  private static final int MOST_INHERITED = 8;

  private final int self;
  private final Random random;

  /** How often in a row each free shard was seen to be free. */
  private final Map<Integer, Integer> looks = new HashMap<>();

  /** The last census in which no shard was free, and the relay that each would fall to. */
  private @Nullable ClusterSnapshot calm;

  private Map<Integer, Integer> warmStandbys = Map.of();

  /** What is about to change hands in that census, and whom it falls to. */
  private Map<Integer, Integer> prospects = Map.of();

  ShardAssignment(int self, Random random) {
    this.self = self;
    this.random = random;
  }

  /**
   * Looks once more.
   *
   * @return those that are this relay's, the first it should try for first; it may own or lack
   *     fewer
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
   * The shards that are another relay's, and will be this one's: where some are about to be let go
   * of, those, otherwise what it would have if another died; a few of them.
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

  /** Also of a relay that is leaving, and no longer there. */
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

  /** Of what each lets go of, the lowest first, see {@link Membership}. */
  private static Map<Integer, Integer> prospects(ClusterSnapshot clusterSnapshot) {
    Map<Integer, Integer> left = new HashMap<>(clusterSnapshot.owners());
    clusterSnapshot
        .members()
        .forEach(
            (relay, owned) ->
                clusterSnapshot.ownedBy(relay).stream()
                    .limit(RebalanceDecision.of(clusterSnapshot, relay, owned).giveUp())
                    .forEach(left::remove));
    return taken(new ClusterSnapshot(clusterSnapshot.shards(), left, clusterSnapshot.present()));
  }

  /** What all would take that see this, none of them prepared. */
  private static Map<Integer, Integer> taken(ClusterSnapshot clusterSnapshot) {
    Map<Integer, Integer> taken = new HashMap<>();
    for (int relay : clusterSnapshot.present()) {
      share(clusterSnapshot, clusterSnapshot.free(), relay)
          .forEach(shard -> taken.put(shard, relay));
    }
    return taken;
  }

  /** The part of {@code free} that falls to {@code relay}: behind those of all that come before. */
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

  /** None where that relay is not there. */
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

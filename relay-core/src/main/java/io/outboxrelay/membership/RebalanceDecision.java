package io.outboxrelay.membership;

import java.util.Map;

/**
 * The number of shards that one relay must acquire or release, so that the relays' shares differ by
 * at most one shard and as few shards as possible move.
 *
 * <p>Every relay computes its decision from the same snapshot, so no coordinator is needed. A shard
 * is released only if another relay lacks a shard and no free shard is left for that relay.
 *
 * @param take how many free shards to acquire
 * @param giveUp how many shards to release
 */
record RebalanceDecision(int take, int giveUp) {
  private static final RebalanceDecision STAY = new RebalanceDecision(0, 0);

  /**
   * Computes the decision for the relay {@code self}.
   *
   * @param mine how many shards this relay owns or tries to acquire
   */
  static RebalanceDecision of(ClusterSnapshot clusterSnapshot, int self, int mine) {
    var members = clusterSnapshot.members();
    if (!members.containsKey(self)) {
      return STAY;
    }
    int even = clusterSnapshot.shards() / members.size();
    int uneven = clusterSnapshot.shards() % members.size();
    int free = clusterSnapshot.free().size();
    int lacking =
        members.entrySet().stream()
            .filter(other -> other.getKey() != self)
            .mapToInt(other -> Math.max(0, even - other.getValue()))
            .sum();
    if (mine < even) {
      return new RebalanceDecision(Math.min(even - mine, free), 0);
    }
    if (mine == even) {
      return uneven > 0 && free > lacking ? new RebalanceDecision(1, 0) : STAY;
    }
    int most = even + (uneven > 0 ? 1 : 0);
    int surplus = members.values().stream().mapToInt(owned -> Math.max(0, owned - most)).sum();
    int oneMore = mustReleaseExtra(members, self, even, lacking - free - surplus) ? 1 : 0;
    return new RebalanceDecision(0, Math.max(0, mine - most) + oneMore);
  }

  /**
   * Returns true if this relay must release its extra shard, which is the one shard that it owns
   * above {@code even}. Extra shards are needed if other relays lack more shards than are free or
   * owned above the maximum. Relays with a lower number release their extra shard first.
   *
   * @param lacking how many extra shards are needed; 0 or less if none
   */
  private static boolean mustReleaseExtra(
      Map<Integer, Integer> members, int self, int even, int lacking) {
    long before =
        members.entrySet().stream()
            .filter(other -> other.getValue() > even && other.getKey() < self)
            .count();
    return before < lacking;
  }
}

package io.outboxrelay.relay;

import java.util.Map;

/**
 * What one relay has to do so that all own as many shards as each other, give or take one, and as
 * few shards as possible change hands.
 *
 * <p>Every relay works it out for itself from the same census, so nobody has to lead. Shards stay
 * where they are unless another relay lacks one; who lacks one takes what is free first.
 *
 * @param take how many free shards to take
 * @param giveUp how many to let go of
 */
record RebalanceDecision(int take, int giveUp) {
  private static final RebalanceDecision STAY = new RebalanceDecision(0, 0);

  /**
   * For the relay {@code self}.
   *
   * @param mine how many shards it owns, or is about to
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
    int oneMore = isTheirTurn(members, self, even, lacking - free - surplus) ? 1 : 0;
    return new RebalanceDecision(0, Math.max(0, mine - most) + oneMore);
  }

  /**
   * Once nobody owns more than the most, and still some are lacking, so many let go of their odd
   * one.
   */
  private static boolean isTheirTurn(
      Map<Integer, Integer> members, int self, int even, int lacking) {
    long before =
        members.entrySet().stream()
            .filter(other -> other.getValue() > even && other.getKey() < self)
            .count();
    return before < lacking;
  }
}

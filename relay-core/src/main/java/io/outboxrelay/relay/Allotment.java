package io.outboxrelay.relay;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Which of the free shards a relay tries for, such that those which look at the same time do not
 * try for the same: each works out for all what they lack, and who comes before it has its choice
 * before.
 *
 * <p>A shard that stays free may be one that its relay cannot take, so after a while all try for
 * it.
 */
final class Allotment {
  /** A second, longer than a relay takes to own what it tries for, or all would join in. */
  private static final int PATIENT_LOOKS = 10;

  private final int self;
  private final Random random;

  /** How often in a row each free shard was seen to be free. */
  private final Map<Integer, Integer> looks = new HashMap<>();

  Allotment(int self, Random random) {
    this.self = self;
    this.random = random;
  }

  /**
   * Looks once more.
   *
   * @return those that are this relay's, the first it should try for first; it may own or lack
   *     fewer
   */
  List<Integer> next(Census census) {
    var free = census.free();
    looks.keySet().retainAll(free);
    free.forEach(shard -> looks.merge(shard, 1, Integer::sum));
    int from = Math.min(free.size(), before(census));
    int to = Math.min(free.size(), from + wanted(census, self));
    var mine = new ArrayList<>(free.subList(from, to));
    mine.addAll(leftOver(free, mine));
    return mine;
  }

  /** How many free shards go to relays that come before this one. */
  private int before(Census census) {
    return census.members().keySet().stream()
        .filter(relay -> relay < self)
        .mapToInt(relay -> wanted(census, relay))
        .sum();
  }

  private static int wanted(Census census, int relay) {
    return Balance.of(census, relay, census.members().getOrDefault(relay, 0)).take();
  }

  private List<Integer> leftOver(List<Integer> free, List<Integer> mine) {
    var left = new ArrayList<>(free);
    left.removeAll(mine);
    left.removeIf(shard -> looks.getOrDefault(shard, 0) <= PATIENT_LOOKS);
    Collections.shuffle(left, random);
    return left;
  }
}

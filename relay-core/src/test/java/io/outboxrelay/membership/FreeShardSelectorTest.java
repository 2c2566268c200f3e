package io.outboxrelay.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreeShardSelectorTest {
  @Test
  void relaysThatSeeTheSameDoNotTryForTheSame() {
    var random = new Random(4711);
    for (int round = 0; round < 1_000; round++) {
      var clusterSnapshot = any(random);
      var tried = new ArrayList<Integer>();
      for (int relay : clusterSnapshot.present()) {
        var mine = new FreeShardSelector(relay, random).next(clusterSnapshot);
        assertThat(mine).hasSizeLessThanOrEqualTo(take(clusterSnapshot, relay));
        tried.addAll(mine);
      }
      assertThat(tried).doesNotHaveDuplicates();
      assertThat(clusterSnapshot.free()).containsAll(tried);
      int wanted =
          clusterSnapshot.present().stream().mapToInt(relay -> take(clusterSnapshot, relay)).sum();
      assertThat(tried).hasSize(Math.min(wanted, clusterSnapshot.free().size()));
    }
  }

  /** One of two relays is present, but cannot acquire the shard that is assigned to it. */
  @Test
  void aShardThatStaysFreeIsForAllRelays() {
    var clusterSnapshot = new ClusterSnapshot(2, Map.of(0, 2), Set.of(1, 2));
    var other = new FreeShardSelector(2, new Random(1));
    for (int look = 0; look < 10; look++) {
      assertThat(other.next(clusterSnapshot)).isEmpty();
    }
    assertThat(other.next(clusterSnapshot)).containsExactly(1);
    other.next(new ClusterSnapshot(2, Map.of(0, 2, 1, 1), Set.of(1, 2)));
    assertThat(other.next(clusterSnapshot)).as("it was taken meanwhile").isEmpty();
  }

  @Test
  void triesForItsOwnFirst() {
    var clusterSnapshot = new ClusterSnapshot(4, Map.of(), Set.of(1, 2));
    var freeShards = new FreeShardSelector(2, new Random(1));
    for (int look = 0; look < 20; look++) {
      freeShards.next(clusterSnapshot);
    }
    assertThat(freeShards.next(clusterSnapshot))
        .startsWith(2, 3)
        .containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  /** If a relay dies, the others were prepared for its shards, and try to take exactly these. */
  @Test
  void everyShardHasOneWarmStandbyThatGetsIt() {
    var random = new Random(4712);
    for (int round = 0; round < 300; round++) {
      var calm = balanced(random);
      for (int dead : calm.present()) {
        var then = calm.without(dead);
        var inherited = new ArrayList<Integer>();
        for (int relay : then.present()) {
          var freeShards = new FreeShardSelector(relay, random);
          assertThat(freeShards.next(calm)).isEmpty();
          var inheritance = freeShards.inheritance();
          var mine = new ArrayList<>(then.free());
          mine.retainAll(inheritance);
          inherited.addAll(mine);
          assertThat(freeShards.next(then)).containsExactlyElementsOf(mine);
        }
        if (!then.present().isEmpty()) {
          assertThat(inherited).containsExactlyInAnyOrderElementsOf(then.free());
        }
      }
    }
  }

  /**
   * The shards of a dead relay become free one by one, because the server notices the loss of each
   * connection separately.
   */
  @Test
  void leavesToTheOtherWhatThatIsPreparedFor() {
    var calm = new ClusterSnapshot(6, Map.of(0, 1, 1, 1, 2, 2, 3, 2, 4, 3, 5, 3), Set.of(1, 2, 3));
    var first = new FreeShardSelector(1, new Random(1));
    var second = new FreeShardSelector(2, new Random(1));
    first.next(calm);
    second.next(calm);
    assertThat(first.inheritance()).contains(4);
    assertThat(second.inheritance()).contains(5);

    var firstFree = new ClusterSnapshot(6, Map.of(0, 1, 1, 1, 2, 2, 3, 2, 4, 3), Set.of(1, 2));
    assertThat(first.next(firstFree)).isEmpty();
    assertThat(second.next(firstFree)).containsExactly(5);
  }

  /** The shard's warm standby owns more shards than the new relay, and lacks none. */
  @Test
  void aShardReleasedToANewRelayIsNotLeftToTheWarmStandby() {
    var calm = new ClusterSnapshot(6, Map.of(0, 1, 1, 1, 2, 1, 3, 2, 4, 2, 5, 2), Set.of(1, 2, 3));
    var newcomer = new FreeShardSelector(3, new Random(1));
    newcomer.next(calm);
    var givenUp = new ClusterSnapshot(6, Map.of(1, 1, 2, 1, 3, 2, 4, 2, 5, 2), Set.of(1, 2, 3));
    assertThat(newcomer.next(givenUp)).containsExactly(0);
  }

  /**
   * If a relay joins, it is prepared for the shards that the others release, and gets exactly
   * these.
   */
  @Test
  void aNewcomerKnowsWhatItWillBeGiven() {
    var random = new Random(4713);
    for (int round = 0; round < 300; round++) {
      var calm = balanced(random).joinedBy(35);
      var newcomer = new FreeShardSelector(35, random);
      assertThat(newcomer.next(calm)).isEmpty();
      var left = new HashMap<>(calm.owners());
      for (int relay : calm.present()) {
        int owned = calm.ownedBy(relay).size();
        calm.ownedBy(relay).stream()
            .limit(RebalanceDecision.of(calm, relay, owned).giveUp())
            .forEach(left::remove);
      }
      var then = new ClusterSnapshot(calm.shards(), left, calm.present());
      if (!then.free().isEmpty()) {
        assertThat(newcomer.inheritance()).containsExactlyInAnyOrderElementsOf(then.free());
      }
      assertThat(newcomer.next(then)).containsExactlyElementsOf(then.free());
      for (int relay : calm.without(35).present()) {
        var other = new FreeShardSelector(relay, random);
        other.next(calm);
        assertThat(other.next(then)).isEmpty();
      }
    }
  }

  private static ClusterSnapshot balanced(Random random) {
    int relays = 1 + random.nextInt(4);
    int shards = relays + random.nextInt(5);
    var owners = new HashMap<Integer, Integer>();
    for (int shard = 0; shard < shards; shard++) {
      owners.put(shard, 10 * (shard % relays));
    }
    return new ClusterSnapshot(shards, owners, Set.copyOf(owners.values()));
  }

  private static ClusterSnapshot any(Random random) {
    int shards = 1 + random.nextInt(12);
    var relays = List.of(3, 17, 100, 2_000);
    var present = relays.subList(0, 1 + random.nextInt(relays.size()));
    var owners = new HashMap<Integer, Integer>();
    for (int shard = 0; shard < shards; shard++) {
      if (random.nextBoolean()) {
        owners.put(shard, present.get(random.nextInt(present.size())));
      }
    }
    return new ClusterSnapshot(shards, owners, Set.copyOf(present));
  }

  private static int take(ClusterSnapshot clusterSnapshot, int relay) {
    return RebalanceDecision.of(
            clusterSnapshot, relay, clusterSnapshot.members().getOrDefault(relay, 0))
        .take();
  }
}

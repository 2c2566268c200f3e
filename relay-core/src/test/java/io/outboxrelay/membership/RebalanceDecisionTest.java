package io.outboxrelay.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.RandomRuns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Relays that decide independently, from snapshots of different age, arrive at an even
 * distribution.
 */
class RebalanceDecisionTest {
  private static final int SCHEDULES = RandomRuns.of(50);

  @Test
  void takesNothingWhileItIsNotAmongTheMembers() {
    assertThat(RebalanceDecision.of(new ClusterSnapshot(6, Map.of(), Set.of(2)), 1, 0))
        .isEqualTo(new RebalanceDecision(0, 0));
  }

  @Test
  void takesItsPartOfWhatIsFree() {
    assertThat(RebalanceDecision.of(new ClusterSnapshot(6, Map.of(), Set.of(1, 2)), 1, 0))
        .isEqualTo(new RebalanceDecision(3, 0));
    assertThat(RebalanceDecision.of(clusterSnapshot(6, 1, 1, 2, 2, 2), 1, 2))
        .isEqualTo(new RebalanceDecision(1, 0));
  }

  @Test
  void leavesTheExtraShardToTheRelayThatLacksMore() {
    assertThat(RebalanceDecision.of(clusterSnapshot(5, 1, 1, 2), 1, 2))
        .isEqualTo(new RebalanceDecision(1, 0));
    assertThat(RebalanceDecision.of(clusterSnapshot(5, 1, 1, 2, 3), 1, 2))
        .isEqualTo(new RebalanceDecision(0, 0));
  }

  @Test
  void oneReleasesAShardForARelayThatJoins() {
    var owners = Map.of(0, 1, 1, 1, 2, 1, 3, 2, 4, 2, 5, 2);
    var clusterSnapshot = new ClusterSnapshot(6, owners, Set.of(1, 2, 3));
    assertThat(RebalanceDecision.of(clusterSnapshot, 1, 3)).isEqualTo(new RebalanceDecision(0, 1));
    assertThat(RebalanceDecision.of(clusterSnapshot, 2, 3)).isEqualTo(new RebalanceDecision(0, 1));
    assertThat(RebalanceDecision.of(clusterSnapshot, 3, 0)).isEqualTo(new RebalanceDecision(0, 0));
  }

  /** If two of three relays own two shards and the third owns one, no shard moves. */
  @Test
  void anUnevenRestStaysWhereItIs() {
    var clusterSnapshot = clusterSnapshot(5, 1, 1, 2, 2, 3);
    clusterSnapshot
        .members()
        .forEach(
            (relay, owned) ->
                assertThat(RebalanceDecision.of(clusterSnapshot, relay, owned))
                    .isEqualTo(new RebalanceDecision(0, 0)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void relaysThatComeAndGoShareEvenlyInTheEnd(long seed) {
    var random = new Random(seed);
    for (int schedule = 0; schedule < SCHEDULES; schedule++) {
      var group = new Group(1 + random.nextInt(12), random);
      for (int change = 0; change < 6; change++) {
        group.change();
        group.settle();
        group.assertEven();
      }
    }
  }

  /** As few shards as possible move: those for a new relay, or those of a relay that has left. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void aRelayThatStaysKeepsAsManyShardsAsItCan(long seed) {
    var random = new Random(seed);
    for (int schedule = 0; schedule < SCHEDULES; schedule++) {
      var group = new Group(1 + random.nextInt(12), random);
      group.join();
      group.settle();
      for (int change = 0; change < 6; change++) {
        var before = Map.copyOf(group.owners);
        boolean joins = group.change();
        group.settle();
        long kept =
            before.entrySet().stream()
                .filter(was -> was.getValue().equals(group.owners.get(was.getKey())))
                .count();
        long gone = before.values().stream().filter(was -> !group.relays.contains(was)).count();
        long needed = joins ? group.shards / group.relays.size() : gone;
        assertThat(before.size() - kept).isLessThanOrEqualTo(needed);
      }
    }
  }

  /**
   * Returns a snapshot in which the first shards have these owners, and no other relay is present.
   */
  private static ClusterSnapshot clusterSnapshot(int shards, Integer... owners) {
    Map<Integer, Integer> byShard = new HashMap<>();
    for (int owner : owners) {
      byShard.put(byShard.size(), owner);
    }
    return new ClusterSnapshot(shards, byShard, Set.copyOf(byShard.values()));
  }

  /**
   * The locks as the server would hold them. The relays act one after the other, in random order.
   */
  private static final class Group {
    final int shards;
    final Random random;
    final List<Integer> relays = new ArrayList<>();
    final Map<Integer, Integer> owners = new TreeMap<>();
    private final Map<Integer, FreeShardSelector> selectors = new HashMap<>();
    private int next = 1;

    Group(int shards, Random random) {
      this.shards = shards;
      this.random = random;
    }

    boolean change() {
      boolean joins = relays.size() < 2 || random.nextBoolean();
      if (joins) {
        join();
      } else {
        var gone = relays.remove(random.nextInt(relays.size()));
        owners.values().removeIf(gone::equals);
      }
      return joins;
    }

    void join() {
      relays.add(random.nextInt(1000) * 1000 + next++);
    }

    void settle() {
      for (int step = 0; step < 20 * (relays.size() + shards); step++) {
        act(relays.get(random.nextInt(relays.size())));
      }
    }

    private void act(int relay) {
      int mine = owned(relay);
      var balance = RebalanceDecision.of(clusterSnapshot(), relay, mine);
      selectors
          .computeIfAbsent(relay, self -> new FreeShardSelector(self, random))
          .next(clusterSnapshot())
          .stream()
          .limit(balance.take())
          .forEach(shard -> owners.put(shard, relay));
      for (int shard = 0, given = 0; shard < shards && given < balance.giveUp(); shard++) {
        if (Integer.valueOf(relay).equals(owners.get(shard))) {
          owners.remove(shard);
          given++;
        }
      }
    }

    private ClusterSnapshot clusterSnapshot() {
      return new ClusterSnapshot(shards, Map.copyOf(owners), Set.copyOf(relays));
    }

    private int owned(int relay) {
      return (int) owners.values().stream().filter(owner -> owner == relay).count();
    }

    void assertEven() {
      assertThat(owners).as("all are owned").hasSize(shards);
      var counts = relays.stream().map(this::owned).toList();
      int even = shards / relays.size();
      assertThat(counts)
          .as("of %d shards", shards)
          .allMatch(count -> count == even || count == even + 1);
    }
  }
}

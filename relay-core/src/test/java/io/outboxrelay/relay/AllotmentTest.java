package io.outboxrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AllotmentTest {
  @Test
  void relaysThatSeeTheSameDoNotTryForTheSame() {
    var random = new Random(4711);
    for (int round = 0; round < 1_000; round++) {
      var census = any(random);
      var tried = new ArrayList<Integer>();
      for (int relay : census.members().keySet()) {
        var mine = new Allotment(relay, random).next(census);
        assertThat(mine).hasSizeLessThanOrEqualTo(take(census, relay));
        tried.addAll(mine);
      }
      assertThat(tried).doesNotHaveDuplicates();
      assertThat(census.free()).containsAll(tried);
      int wanted = census.members().keySet().stream().mapToInt(relay -> take(census, relay)).sum();
      assertThat(tried).hasSize(Math.min(wanted, census.free().size()));
    }
  }

  /** One of two is there, but cannot take what is its own. */
  @Test
  void whatStaysFreeIsForAll() {
    var census = new Census(2, Set.of(0), Map.of(1, 0, 2, 1));
    var other = new Allotment(2, new Random(1));
    for (int look = 0; look < 10; look++) {
      assertThat(other.next(census)).isEmpty();
    }
    assertThat(other.next(census)).containsExactly(1);
    other.next(new Census(2, Set.of(0, 1), Map.of(1, 1, 2, 1)));
    assertThat(other.next(census)).as("it was taken meanwhile").isEmpty();
  }

  @Test
  void triesForItsOwnFirst() {
    var census = new Census(4, Set.of(), Map.of(1, 0, 2, 0));
    var allotment = new Allotment(2, new Random(1));
    for (int look = 0; look < 20; look++) {
      allotment.next(census);
    }
    assertThat(allotment.next(census)).startsWith(2, 3).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  private static Census any(Random random) {
    int shards = 1 + random.nextInt(12);
    var owned = new HashSet<Integer>();
    var members = new HashMap<Integer, Integer>();
    var relays = List.of(3, 17, 100, 2_000);
    int count = 1 + random.nextInt(relays.size());
    relays.subList(0, count).forEach(relay -> members.put(relay, 0));
    for (int shard = 0; shard < shards; shard++) {
      if (random.nextBoolean()) {
        owned.add(shard);
        members.merge(relays.get(random.nextInt(count)), 1, Integer::sum);
      }
    }
    return new Census(shards, owned, members);
  }

  private static int take(Census census, int relay) {
    return Balance.of(census, relay, census.members().getOrDefault(relay, 0)).take();
  }
}

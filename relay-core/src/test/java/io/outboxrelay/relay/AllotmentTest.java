package io.outboxrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
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
      for (int relay : census.present()) {
        var mine = new Allotment(relay, random).next(census);
        assertThat(mine).hasSizeLessThanOrEqualTo(take(census, relay));
        tried.addAll(mine);
      }
      assertThat(tried).doesNotHaveDuplicates();
      assertThat(census.free()).containsAll(tried);
      int wanted = census.present().stream().mapToInt(relay -> take(census, relay)).sum();
      assertThat(tried).hasSize(Math.min(wanted, census.free().size()));
    }
  }

  /** One of two is there, but cannot take what is its own. */
  @Test
  void whatStaysFreeIsForAll() {
    var census = new Census(2, Map.of(0, 2), Set.of(1, 2));
    var other = new Allotment(2, new Random(1));
    for (int look = 0; look < 10; look++) {
      assertThat(other.next(census)).isEmpty();
    }
    assertThat(other.next(census)).containsExactly(1);
    other.next(new Census(2, Map.of(0, 2, 1, 1), Set.of(1, 2)));
    assertThat(other.next(census)).as("it was taken meanwhile").isEmpty();
  }

  @Test
  void triesForItsOwnFirst() {
    var census = new Census(4, Map.of(), Set.of(1, 2));
    var allotment = new Allotment(2, new Random(1));
    for (int look = 0; look < 20; look++) {
      allotment.next(census);
    }
    assertThat(allotment.next(census)).startsWith(2, 3).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  /** Whoever dies: the others were prepared for all that it has left, and try for just that. */
  @Test
  void everyShardHasOneHeirWhoGetsIt() {
    var random = new Random(4712);
    for (int round = 0; round < 300; round++) {
      var calm = balanced(random);
      for (int dead : calm.present()) {
        var then = calm.without(dead);
        var inherited = new ArrayList<Integer>();
        for (int relay : then.present()) {
          var allotment = new Allotment(relay, random);
          assertThat(allotment.next(calm)).isEmpty();
          var inheritance = allotment.inheritance();
          var mine = new ArrayList<>(then.free());
          mine.retainAll(inheritance);
          inherited.addAll(mine);
          assertThat(allotment.next(then)).containsExactlyElementsOf(mine);
        }
        if (!then.present().isEmpty()) {
          assertThat(inherited).containsExactlyInAnyOrderElementsOf(then.free());
        }
      }
    }
  }

  /** They come free one by one, as the server notices. */
  @Test
  void leavesToTheOtherWhatThatIsPreparedFor() {
    var calm = new Census(6, Map.of(0, 1, 1, 1, 2, 2, 3, 2, 4, 3, 5, 3), Set.of(1, 2, 3));
    var first = new Allotment(1, new Random(1));
    var second = new Allotment(2, new Random(1));
    first.next(calm);
    second.next(calm);
    assertThat(first.inheritance()).contains(4);
    assertThat(second.inheritance()).contains(5);

    var firstFree = new Census(6, Map.of(0, 1, 1, 1, 2, 2, 3, 2, 4, 3), Set.of(1, 2));
    assertThat(first.next(firstFree)).isEmpty();
    assertThat(second.next(firstFree)).containsExactly(5);
  }

  /** Its heir has enough, as it owns more than the newcomer. */
  @Test
  void whatIsGivenUpToANewcomerIsNotLeftToTheHeir() {
    var calm = new Census(6, Map.of(0, 1, 1, 1, 2, 1, 3, 2, 4, 2, 5, 2), Set.of(1, 2, 3));
    var newcomer = new Allotment(3, new Random(1));
    newcomer.next(calm);
    var givenUp = new Census(6, Map.of(1, 1, 2, 1, 3, 2, 4, 2, 5, 2), Set.of(1, 2, 3));
    assertThat(newcomer.next(givenUp)).containsExactly(0);
  }

  /** Whoever joins: it is prepared for what the others let go of, and gets just that. */
  @Test
  void aNewcomerKnowsWhatItWillBeGiven() {
    var random = new Random(4713);
    for (int round = 0; round < 300; round++) {
      var calm = balanced(random).joinedBy(35);
      var newcomer = new Allotment(35, random);
      assertThat(newcomer.next(calm)).isEmpty();
      var left = new HashMap<>(calm.owners());
      for (int relay : calm.present()) {
        int owned = calm.ownedBy(relay).size();
        calm.ownedBy(relay).stream()
            .limit(Balance.of(calm, relay, owned).giveUp())
            .forEach(left::remove);
      }
      var then = new Census(calm.shards(), left, calm.present());
      if (!then.free().isEmpty()) {
        assertThat(newcomer.inheritance()).containsExactlyInAnyOrderElementsOf(then.free());
      }
      assertThat(newcomer.next(then)).containsExactlyElementsOf(then.free());
      for (int relay : calm.without(35).present()) {
        var other = new Allotment(relay, random);
        other.next(calm);
        assertThat(other.next(then)).isEmpty();
      }
    }
  }

  private static Census balanced(Random random) {
    int relays = 1 + random.nextInt(4);
    int shards = relays + random.nextInt(5);
    var owners = new HashMap<Integer, Integer>();
    for (int shard = 0; shard < shards; shard++) {
      owners.put(shard, 10 * (shard % relays));
    }
    return new Census(shards, owners, Set.copyOf(owners.values()));
  }

  private static Census any(Random random) {
    int shards = 1 + random.nextInt(12);
    var relays = List.of(3, 17, 100, 2_000);
    var present = relays.subList(0, 1 + random.nextInt(relays.size()));
    var owners = new HashMap<Integer, Integer>();
    for (int shard = 0; shard < shards; shard++) {
      if (random.nextBoolean()) {
        owners.put(shard, present.get(random.nextInt(present.size())));
      }
    }
    return new Census(shards, owners, Set.copyOf(present));
  }

  private static int take(Census census, int relay) {
    return Balance.of(census, relay, census.members().getOrDefault(relay, 0)).take();
  }
}

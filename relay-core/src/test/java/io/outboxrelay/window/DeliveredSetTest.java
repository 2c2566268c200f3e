package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.testkit.RandomRuns;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Compares the set of delivered transactions with a plain set of numbers, for random histories. */
class DeliveredSetTest {
  private static final int HISTORIES = RandomRuns.of(2_000);
  private static final long HIGHEST = 60;

  @Test
  void theSetIsTheUnionOfAllThatWasDelivered() {
    for (int seed = 0; seed < HISTORIES; seed++) {
      var random = new Random(seed);
      var model = new HashSet<Long>();
      var base = snapshot(random, model);
      var set = new DeliveredSet(base, new Fences(0), new Fence(base.xmax(), 0), null);
      for (int step = 0; step < 12; step++) {
        if (random.nextInt(4) == 0) {
          var seen = snapshot(random, model);
          var before = set.fence();
          set.settle(seen, new Fence(Math.max(before.xid(), seen.xmax()), before.top() + step));
        } else {
          long xid = 1L + random.nextInt((int) HIGHEST);
          if (!set.settled().sees(xid)) {
            set.deliver(List.of(xid), null);
            model.add(xid);
          }
        }
        assertThat(seen(set.settled())).as("seed %s", seed).isEqualTo(model);
        assertThat(set.gaps()).as("gaps, seed %s", seed).isEqualTo(set.settled().gaps());
      }
    }
  }

  @Test
  void aPositionDoesNotChangeAfterwards() {
    for (int seed = 0; seed < HISTORIES; seed++) {
      var random = new Random(seed);
      var model = new HashSet<Long>();
      var set = new DeliveredSet(snapshot(random, model), new Fences(0), new Fence(0, 0), null);
      var positions = new ArrayList<LoggedPosition>();
      var expected = new ArrayList<Set<Long>>();
      for (int step = 0; step < 200; step++) {
        long xid = 1L + random.nextInt((int) HIGHEST);
        if (!set.settled().sees(xid)) {
          set.deliver(List.of(xid), null);
          model.add(xid);
        }
        positions.add(set.position(PageAccount.empty(), step));
        expected.add(new HashSet<>(model));
      }
      for (int i = 0; i < positions.size(); i += 20) {
        var stored = Snapshot.parse(positions.get(i).checkpoint().settled());
        assertThat(seen(stored)).as("seed %s", seed).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  void theTextIsOneThatPostgresAccepts() {
    for (int seed = 0; seed < HISTORIES; seed++) {
      var random = new Random(seed);
      var one = snapshot(random, new HashSet<>());
      var both = one.union(snapshot(random, new HashSet<>()));

      assertThat(Snapshot.parse(both.toString()).running()).isEqualTo(both.running()).isSorted();
      assertThat(LongStream.of(both.running()))
          .allMatch(xid -> xid >= both.xmin() && xid < both.xmax());
      assertThat(both.covers(one)).isTrue();
    }
  }

  @Test
  void aTransactionIsPartialUntilItIsComplete() {
    var set = new DeliveredSet(Snapshot.parse("10:10:"), new Fences(0), new Fence(10, 0), null);
    var part = new PartialTransaction(12, 500, 700, PageAccount.empty());

    set.deliver(List.of(10L), part);
    assertThat(set.position(PageAccount.empty(), 0).checkpoint().partial()).isEqualTo(part);
    assertThat(set.settled().sees(12)).isFalse();

    set.deliver(List.of(12L), null);
    assertThat(set.position(PageAccount.empty(), 0).checkpoint().partial()).isNull();
    assertThat(set.settled()).hasToString("11:13:11");
  }

  @Test
  void aPartialTransactionOfAnEarlierTermIsKeptWhileOthersComeFirst() {
    var part = new PartialTransaction(12, 500, 700, PageAccount.empty());
    var set = new DeliveredSet(Snapshot.parse("10:10:"), new Fences(0), new Fence(10, 0), part);

    set.deliver(List.of(10L), null);

    assertThat(set.partial()).isEqualTo(part);
  }

  /** A reader that began with a higher fence and an older top would skip late commits. */
  @Test
  void fenceAndTopBelongTogether() {
    var set = new DeliveredSet(Snapshot.parse("10:10:"), new Fences(0), new Fence(10, 100), null);

    set.deliver(List.of(15L), null);
    assertThat(set.position(PageAccount.empty(), 0).fence()).isEqualTo(new Fence(10, 100));

    set.settle(Snapshot.parse("16:16:"), new Fence(20, 130));
    assertThat(set.position(PageAccount.empty(), 0).fence()).isEqualTo(new Fence(20, 130));

    set.settle(Snapshot.parse("14:14:"), new Fence(15, 120));
    assertThat(set.position(PageAccount.empty(), 0).fence()).isEqualTo(new Fence(20, 130));
    assertThat(set.settled()).hasToString("16:16:");
  }

  private static Snapshot snapshot(Random random, Set<Long> seenByAll) {
    long xmax = 1L + random.nextInt((int) HIGHEST);
    var running = LongStream.range(1, xmax).filter(xid -> random.nextInt(4) == 0).boxed().toList();
    long xmin = running.isEmpty() ? xmax : running.get(0);
    var snapshot =
        Snapshot.parse(
            xmin
                + ":"
                + xmax
                + ":"
                + running.stream().map(String::valueOf).collect(Collectors.joining(",")));
    seenByAll.addAll(seen(snapshot));
    return snapshot;
  }

  private static Set<Long> seen(Snapshot snapshot) {
    return LongStream.rangeClosed(1, 2 * HIGHEST)
        .filter(snapshot::sees)
        .boxed()
        .collect(Collectors.toSet());
  }
}

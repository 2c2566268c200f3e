package io.outboxrelay.account;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.OutboxEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PageAccountTest {
  private static final OutboxEvent FIRST = event(1, "order-1");
  private static final OutboxEvent SECOND = event(4_096, "order-1");
  private static final OutboxEvent THIRD = event(4_097, "order-1");

  @Test
  void countsTheEventsOfEachRangeWithTheirHashes() {
    assertThat(sums(PageAccount.of(List.of(FIRST, SECOND, THIRD))))
        .isEqualTo(
            Map.of(0L, List.of(1L, hash(FIRST)), 1L, List.of(2L, hash(SECOND) + hash(THIRD))));
  }

  @Test
  void aSumLeavesItsPartsAsTheyWere() {
    var one = PageAccount.of(List.of(FIRST));
    var other = PageAccount.of(List.of(THIRD));

    assertThat(sums(one.plus(List.of(SECOND)).plus(other)))
        .isEqualTo(sums(PageAccount.of(List.of(FIRST, SECOND, THIRD))));
    assertThat(sums(one)).isEqualTo(sums(PageAccount.of(List.of(FIRST))));
    assertThat(sums(other)).isEqualTo(sums(PageAccount.of(List.of(THIRD))));
  }

  @Test
  void anEventThatIsTakenOutLeavesNothing() {
    var account = PageAccount.of(List.of(SECOND, THIRD));

    account.remove(THIRD.seq(), PageAccount.hash(THIRD.seq(), THIRD.id()));

    assertThat(sums(account)).isEqualTo(sums(PageAccount.of(List.of(SECOND))));
  }

  @Test
  void theNegatedAccountTakesBackCountsAndHashes() {
    var account = PageAccount.of(List.of(FIRST, SECOND));

    assertThat(sums(account.plus(account.negated())))
        .isEqualTo(Map.of(0L, List.of(0L, 0L), 1L, List.of(0L, 0L)));
  }

  @Test
  void comesBackAsItWasStored() {
    var account = PageAccount.of(List.of(FIRST, SECOND, THIRD));
    var columns = List.of(new ArrayList<Long>(), new ArrayList<Long>(), new ArrayList<Long>());

    account.appendTo(columns.get(0), columns.get(1), columns.get(2));

    assertThat(
            sums(
                PageAccount.of(
                    columns.get(0).toArray(Long[]::new),
                    columns.get(1).toArray(Long[]::new),
                    columns.get(2).toArray(Long[]::new))))
        .isEqualTo(sums(account));
  }

  private static long hash(OutboxEvent event) {
    return EventHash.of(event.seq(), event.id());
  }

  /** Returns count and digest of each range, as the checkpoint's statement adds them up. */
  private static Map<Long, List<Long>> sums(PageAccount account) {
    var ranges = new ArrayList<Long>();
    var events = new ArrayList<Long>();
    var digests = new ArrayList<Long>();
    account.appendTo(ranges, events, digests);
    var sums = new TreeMap<Long, List<Long>>();
    for (int i = 0; i < ranges.size(); i++) {
      sums.merge(
          ranges.get(i),
          List.of(events.get(i), digests.get(i)),
          (one, other) -> List.of(one.get(0) + other.get(0), one.get(1) + other.get(1)));
    }
    return sums;
  }
}

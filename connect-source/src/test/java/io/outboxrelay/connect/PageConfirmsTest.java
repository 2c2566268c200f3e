package io.outboxrelay.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.window.Checkpoint;
import java.util.Collections;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PageConfirmsTest {
  private final PageConfirms confirms = new PageConfirms();

  @Test
  void aPageCountsWhenAllItsEventsAndThoseOfEarlierPagesAreConfirmed() {
    var first = confirms.add(page(10, 2));
    var second = confirms.add(page(20, 1));
    confirms.confirm(second);
    confirms.confirm(first);
    assertThat(confirms.confirmed()).isNull();
    assertThat(confirms.completion()).isNotDone();

    confirms.confirm(first);
    assertThat(confirms.confirmed()).isEqualTo(position(20));
    assertThat(confirms.completion()).isCompleted();
  }

  @Test
  void theLastConfirmCompletesTheWaitForAllPages() {
    var first = confirms.add(page(10, 1));
    var second = confirms.add(page(20, 1));
    var waiting = confirms.completion();

    confirms.confirm(first);
    assertThat(waiting).isNotDone();
    confirms.confirm(second);
    assertThat(waiting).isCompleted();
    confirms.add(page(30, 1));
    assertThat(confirms.completion()).isNotDone();
  }

  @Test
  void anEmptyPageCountsWhenTheEarlierOnesAreConfirmed() {
    var first = confirms.add(page(10, 1));
    confirms.add(page(15, 0));
    assertThat(confirms.confirmed()).isNull();

    confirms.confirm(first);
    assertThat(confirms.confirmed()).isEqualTo(position(15));

    confirms.add(page(20, 0));
    assertThat(confirms.confirmed()).isEqualTo(position(20));
  }

  private static EventPage<Checkpoint> page(long top, int events) {
    var event = OutboxEvent.builder(top, new UUID(0, 1)).build();
    return new EventPage<>(Collections.nCopies(events, event), Map.of(), 0, position(top));
  }

  private static Checkpoint position(long top) {
    return new Checkpoint("10:10:", top, 0, 10, null, null);
  }
}

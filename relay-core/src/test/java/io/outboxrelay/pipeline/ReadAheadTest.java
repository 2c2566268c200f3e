package io.outboxrelay.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.Events;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private final ReadAhead readAhead = new ReadAhead(10, 1_000);

  private static EventPage<Long> page(int events, long bytes) {
    return new EventPage<>(Events.interleaved(events, 1), Map.of(), bytes, 0L);
  }

  @Test
  void isFullAtTheMostEventsUntilAPageIsConfirmed() {
    var first = page(9, 9);
    readAhead.add(first);
    assertThat(readAhead.isFull(false)).isFalse();

    readAhead.add(page(5, 5));
    assertThat(readAhead.isFull(false)).as("one page may exceed the bound").isTrue();

    readAhead.confirm(first);
    assertThat(readAhead.isFull(false)).isFalse();
    assertThat(readAhead.events()).isEqualTo(5);
  }

  @Test
  void isFullAtTheMostBytesUntilAPageIsConfirmed() {
    var large = page(1, 1_000);
    readAhead.add(page(1, 1));
    assertThat(readAhead.isFull(false)).isFalse();

    readAhead.add(large);
    assertThat(readAhead.isFull(false)).isTrue();

    readAhead.confirm(large);
    assertThat(readAhead.isFull(false)).isFalse();
    assertThat(readAhead.bytes()).isEqualTo(1);
  }

  @Test
  void holdsOnePageIfEachIsToBeConfirmedBeforeTheNext() {
    var only = page(1, 1);
    assertThat(readAhead.isFull(true)).isFalse();

    readAhead.add(only);
    assertThat(readAhead.isFull(true)).isTrue();

    readAhead.confirm(only);
    assertThat(readAhead.isFull(true)).isFalse();
  }

  @Test
  void anEmptyPageDoesNotMoveTheLastEventRead() {
    readAhead.add(page(3, 3));
    long last = readAhead.lastRead();
    assertThat(last).isPositive();

    readAhead.add(page(0, 0));

    assertThat(readAhead.lastRead()).isEqualTo(last);
  }
}

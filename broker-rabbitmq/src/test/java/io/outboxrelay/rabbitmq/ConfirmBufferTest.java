package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.OutboxEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ConfirmBufferTest {
  private final ConfirmBuffer unconfirmed = new ConfirmBuffer();

  @Test
  void aConfirmMeansOneOrAllUpToIt() {
    add(1, 5);

    assertThat(sequences(unconfirmed.confirm(2, false))).containsExactly(2L);
    assertThat(sequences(unconfirmed.confirm(4, true))).containsExactly(1L, 3L, 4L);
    assertThat(sequences(unconfirmed.confirm(5, false))).containsExactly(5L);
    assertThat(unconfirmed.isEmpty()).isTrue();
  }

  @Test
  void aRepeatedConfirmMeansNothing() {
    add(1, 3);
    unconfirmed.confirm(2, true);

    assertThat(unconfirmed.confirm(1, false)).isEmpty();
    assertThat(unconfirmed.confirm(2, true)).isEmpty();
    assertThat(unconfirmed.confirm(4, false)).isEmpty();
    assertThat(sequences(unconfirmed.close())).containsExactly(3L);
  }

  @Test
  void aDeliveryThatWasTakenBackFreesItsNumber() {
    add(1, 2);
    unconfirmed.takeBack();
    add(3, 3);

    assertThat(sequences(unconfirmed.confirm(2, false))).containsExactly(3L);
    assertThat(sequences(unconfirmed.close())).containsExactly(1L);
  }

  @Test
  void closingGivesAwayWhatIsThereOnceAndTakesNothingMore() {
    add(1, 3);

    assertThat(unconfirmed.close()).hasSize(3);
    assertThat(unconfirmed.close()).isEmpty();
    assertThat(unconfirmed.add(delivery(4))).isFalse();
  }

  @Test
  void theOldestIsTheOneNotConfirmedForLongest() {
    add(1, 3);
    unconfirmed.confirm(1, false);

    assertThat(unconfirmed.oldest().orElseThrow().event().seq()).isEqualTo(2);
    unconfirmed.confirm(3, true);
    assertThat(unconfirmed.oldest()).isEmpty();
  }

  @Test
  void anEventPublishedTwiceIsReturnedTwice() {
    var event = event(1, "order-1");
    unconfirmed.add(addressed(event, "created"));
    add(2, 2);
    unconfirmed.add(addressed(event, "created"));
    String id = event.id().toString();

    var first = unconfirmed.findReturned(id, "orders", "created").orElseThrow();
    first.refused(ExceptionMapper.nacked(""));
    var second = unconfirmed.findReturned(id, "orders", "created").orElseThrow();
    second.refused(ExceptionMapper.nacked(""));

    assertThat(first).isNotSameAs(second);
    assertThat(unconfirmed.findReturned(id, "orders", "created")).isEmpty();
  }

  @Test
  void anEqualIdAtAnotherAddressIsAnotherMessage() {
    var event = event(1, "order-1");
    unconfirmed.add(addressed(event, "created"));
    var second = addressed(event, "paid");
    unconfirmed.add(second);

    assertThat(unconfirmed.findReturned(event.id().toString(), "orders", "paid"))
        .containsSame(second);
    assertThat(unconfirmed.findReturned(event.id().toString(), "invoices", "paid")).isEmpty();
    assertThat(unconfirmed.findReturned(null, "orders", "paid")).isEmpty();
  }

  @Test
  void tensOfThousandsMayBeConfirmedInAnyOrder() {
    var random = new Random(4711);
    var numbers = new ArrayList<>(LongStream.rangeClosed(1, 30_000).boxed().toList());
    add(1, 30_000);
    Collections.shuffle(numbers, random);

    for (long number : numbers) {
      assertThat(sequences(unconfirmed.confirm(number, false))).containsExactly(number);
    }
    assertThat(unconfirmed.isEmpty()).isTrue();
    add(30_001, 30_010);
    assertThat(unconfirmed.confirm(30_010, true)).hasSize(10);
  }

  private void add(long first, long last) {
    LongStream.rangeClosed(first, last)
        .forEach(seq -> assertThat(unconfirmed.add(delivery(seq))).isTrue());
  }

  private static PendingPublish delivery(long seq) {
    return new PendingPublish(event(seq, "order-1"), Runnable::run);
  }

  private static PendingPublish addressed(OutboxEvent event, String routingKey) {
    var delivery = new PendingPublish(event, Runnable::run);
    delivery.addressed("orders", routingKey);
    return delivery;
  }

  private static List<Long> sequences(List<PendingPublish> deliveries) {
    return deliveries.stream().map(delivery -> delivery.event().seq()).toList();
  }
}

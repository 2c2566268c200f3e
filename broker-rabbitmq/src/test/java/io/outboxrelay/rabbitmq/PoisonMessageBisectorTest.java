package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PoisonMessageBisectorTest {
  private final PoisonMessageBisector suspects = new PoisonMessageBisector();

  @Test
  void halfOfThoseInDoubtMayBeInDoubtTogetherAgain() {
    var inDoubt = deliveries(9);

    suspects.add(inDoubt);
    assertThat(inDoubt).allMatch(delivery -> suspects.room(delivery) == 4);

    suspects.add(inDoubt.subList(0, 4));
    assertThat(suspects.room(inDoubt.get(0))).isEqualTo(2);
    assertThat(suspects.room(inDoubt.get(4))).as("suspect still").isEqualTo(4);

    suspects.add(inDoubt.subList(0, 2));
    assertThat(suspects.room(inDoubt.get(0))).as("alone").isEqualTo(1);
  }

  @Test
  void aMessageWithAKnownOutcomeIsNoSuspect() {
    var inDoubt = deliveries(2);
    suspects.add(inDoubt);

    suspects.clear(inDoubt.get(0));

    assertThat(suspects.room(inDoubt.get(0))).isEqualTo(PoisonMessageBisector.UNLIMITED);
    assertThat(suspects.room(inDoubt.get(1))).isEqualTo(1);
  }

  private static List<PendingPublish> deliveries(int count) {
    return LongStream.rangeClosed(1, count)
        .mapToObj(seq -> new PendingPublish(event(seq, "order-1"), Runnable::run))
        .toList();
  }
}

package io.outboxrelay.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.window.Checkpoint;
import io.outboxrelay.window.PartialTransaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliveryRecordTest {
  private final DeliveryRecord record = new DeliveryRecord();

  @BeforeEach
  void begin() {
    record.begins(checkpoint(0, null));
  }

  @Test
  void aStoredCheckpointCountsWithoutAnAnswer() {
    deliver(1, 2);
    record.answered(record.storing(checkpoint(2, null)));
    deliver(3, 4);
    record.storing(checkpoint(4, null));

    record.begins(checkpoint(4, null));
    deliver(5, 5);

    assertThat(record.errors()).isEmpty();
    assertThat(record.state()).isEqualTo(Map.of("a", 5));
  }

  @Test
  void eventsBehindTheCheckpointMustBeRepeated() {
    deliver(1, 2);
    record.answered(record.storing(checkpoint(2, null)));
    deliver(3, 4);
    record.storing(checkpoint(4, null));

    record.begins(checkpoint(2, null));
    deliver(5, 5);

    assertThat(record.errors()).containsExactly("a: version 5 from the log after 2 (seq 5)");
  }

  @Test
  void eventsBeforeTheCheckpointMustNotBeRepeated() {
    deliver(1, 4);
    record.answered(record.storing(checkpoint(4, null)));

    record.begins(checkpoint(4, null));
    deliver(4, 4);

    assertThat(record.errors()).containsExactly("a: version 4 from the log after 4 (seq 4)");
  }

  @Test
  void onlyACrashOfTheServerLosesAnAnsweredCheckpoint() {
    deliver(1, 2);
    record.answered(record.storing(checkpoint(2, null)));
    deliver(3, 4);
    record.answered(record.storing(checkpoint(4, null)));

    record.serverCrashes();
    record.begins(checkpoint(2, null));
    deliver(3, 4);
    assertThat(record.errors()).isEmpty();

    record.answered(record.storing(checkpoint(4, null)));
    record.begins(checkpoint(2, null));
    assertThat(record.errors())
        .containsExactly("a reader begins 1 checkpoints before the stored one");
  }

  @Test
  void aCheckpointThatWasNeverStoredIsAnError() {
    deliver(1, 2);
    record.storing(checkpoint(2, new PartialTransaction(7, 2, 2, PageAccount.empty())));

    record.begins(checkpoint(2, new PartialTransaction(7, 1, 1, PageAccount.empty())));

    assertThat(record.errors())
        .singleElement()
        .asString()
        .startsWith("a reader begins from a checkpoint that no reader has stored");
  }

  @Test
  void theAccountOfAPartDoesNotMatter() {
    deliver(1, 2);
    record.storing(checkpoint(2, new PartialTransaction(7, 2, 2, PageAccount.empty())));

    record.begins(
        checkpoint(2, new PartialTransaction(7, 2, 2, PageAccount.of(List.of(event(1))))));
    deliver(3, 3);

    assertThat(record.errors()).isEmpty();
  }

  private void deliver(int first, int last) {
    var events = IntStream.rangeClosed(first, last).mapToObj(DeliveryRecordTest::event).toList();
    record.deliver(events, "log");
  }

  private static OutboxEvent event(int version) {
    return OutboxEvent.builder(version, UUID.randomUUID())
        .aggregate("order", "a")
        .type(Integer.toString(version))
        .payload(null, "application/json")
        .headers(Map.of())
        .createdAt(Instant.EPOCH)
        .build();
  }

  private static Checkpoint checkpoint(long top, @Nullable PartialTransaction partial) {
    return new Checkpoint("1:1:", top, 0, 1, null, partial);
  }
}

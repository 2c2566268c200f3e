package io.outboxrelay.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check of the arrivals finds each kind of broken promise. */
class ArrivalLogTest {
  private RunLog runLog;
  private ArrivalLog ledger;
  private final Map<Integer, UUID> ids = new HashMap<>();
  private long offset;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    runLog = new RunLog(folder);
    ledger = new ArrivalLog(runLog);
  }

  @AfterEach
  void close() {
    runLog.close();
  }

  @Test
  void repeatsAreCountedAndAllowed() {
    arrive(1, 2, 3, 2, 3, 4);

    assertThat(ledger.delivered()).isEqualTo(4);
    assertThat(ledger.repeated()).isEqualTo(2);
    assertThat(runLog.findings()).isEmpty();
  }

  @Test
  void overtakingIsFound() {
    arrive(1, 3, 2);

    assertThat(runLog.findings())
        .containsExactly(
            "a-1 version 3 arrived when the highest before it was 1",
            "a-1 version 2 arrived when the highest before it was 3");
  }

  @Test
  void anEventThatWasRolledBackIsFound() {
    arrive(EventWriter.UNDONE);

    assertThat(runLog.findings()).singleElement().asString().contains("rolled back");
  }

  @Test
  void aRepeatUnderAnotherIdIsFound() {
    arrive(1);
    ids.clear();
    arrive(1);

    assertThat(runLog.findings()).containsExactly("a-1 version 1 arrived with two ids");
  }

  @Test
  void aSpoiltPayloadIsFound() {
    ledger.arrived(message(1, "{\"v\": 1, \"size\": 3, \"text\": \"xx\"}"));

    assertThat(runLog.findings()).containsExactly("the payload of a-1 version 1 is damaged");
  }

  @Test
  void aMessageThatTheConsumerReadTwiceIsNoRepeat() {
    arrive(1, 2);
    offset = 0;
    arrive(1, 2, 3);

    assertThat(ledger.delivered()).isEqualTo(3);
    assertThat(ledger.repeated()).isZero();
  }

  @Test
  void aCommittedEventThatHasNotArrivedIsMissing() {
    arrive(1, 2);

    assertThat(deliveryCheck(4, Map.of()).missing()).containsExactly("a-1 versions 3 to 4");
    assertThat(deliveryCheck(2, Map.of()).missing()).isEmpty();
  }

  @Test
  void deadLettersStandForWhatDoesNotArrive() {
    arrive(1, 2);
    var deliveryCheck = deliveryCheck(4, Map.of("a-1", List.of(3, 4)));

    assertThat(deliveryCheck.missing()).isEmpty();
    assertThat(deliveryCheck.broken(List.of("a-1"))).isEmpty();
  }

  @Test
  void aDeadLetterOfASoundAggregateIsFound() {
    arrive(1, 2);

    assertThat(deliveryCheck(4, Map.of("a-1", List.of(3, 4))).broken(List.of()))
        .containsExactly("a-1 is parked though nothing of it is wrong");
  }

  @Test
  void anEventThatHasArrivedAndIsADeadLetterIsFound() {
    arrive(1, 2);

    assertThat(deliveryCheck(3, Map.of("a-1", List.of(2, 3))).broken(List.of("a-1")))
        .containsExactly("a-1 version 2 arrived, though it ends at 1 before its dead letters");
  }

  @Test
  void aGapInTheDeadLettersIsFound() {
    arrive(1);

    assertThat(deliveryCheck(4, Map.of("a-1", List.of(2, 4))).broken(List.of("a-1"))).hasSize(1);
    assertThat(deliveryCheck(4, Map.of("a-1", List.of(2, 3))).broken(List.of("a-1"))).hasSize(1);
  }

  @Test
  void anUnacceptableEventWithoutADeadLetterIsFound() {
    arrive(1);

    assertThat(deliveryCheck(1, Map.of()).broken(List.of("a-1")))
        .containsExactly("a-1 has an unacceptable event and no dead letter");
  }

  private DeliveryCheck deliveryCheck(int committed, Map<String, List<Integer>> deadLetters) {
    return new DeliveryCheck(new ExpectedState(Map.of("a-1", committed), deadLetters), ledger);
  }

  private void arrive(int... versions) {
    for (int version : versions) {
      ledger.arrived(
          message(version, "{\"v\": %d, \"size\": 2, \"text\": \"xx\"}".formatted(version)));
    }
  }

  private ReceivedMessage message(int version, String payload) {
    var id = ids.computeIfAbsent(version, first -> UUID.randomUUID());
    return new ReceivedMessage(
        "a-1",
        Buffer.buffer(payload),
        Map.of("aggregate-id", "a-1", "event-id", id.toString()),
        Instant.EPOCH,
        Map.of("partition", "0", "offset", Long.toString(offset++)));
  }
}

package io.outboxrelay.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.Message;
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

/** The checker sees what is wrong, or a green run would say nothing. */
class LedgerTest {
  private Diary diary;
  private Ledger ledger;
  private final Map<Integer, UUID> ids = new HashMap<>();
  private long offset;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    diary = new Diary(folder);
    ledger = new Ledger(diary);
  }

  @AfterEach
  void close() {
    diary.close();
  }

  @Test
  void repeatsAreCountedAndAllowed() {
    arrive(1, 2, 3, 2, 3, 4);

    assertThat(ledger.delivered()).isEqualTo(4);
    assertThat(ledger.repeated()).isEqualTo(2);
    assertThat(diary.findings()).isEmpty();
  }

  @Test
  void overtakingIsFound() {
    arrive(1, 3, 2);

    assertThat(diary.findings())
        .containsExactly(
            "a-1 version 3 arrived when the highest before it was 1",
            "a-1 version 2 arrived when the highest before it was 3");
  }

  @Test
  void anEventThatWasRolledBackIsFound() {
    arrive(Hand.UNDONE);

    assertThat(diary.findings()).singleElement().asString().contains("rolled back");
  }

  @Test
  void aRepeatUnderAnotherIdIsFound() {
    arrive(1);
    ids.clear();
    arrive(1);

    assertThat(diary.findings()).containsExactly("a-1 version 1 arrived with two ids");
  }

  @Test
  void aSpoiltPayloadIsFound() {
    ledger.arrived(message(1, "{\"v\": 1, \"size\": 3, \"text\": \"xx\"}"));

    assertThat(diary.findings()).containsExactly("the payload of a-1 version 1 is spoilt");
  }

  @Test
  void whatTheConsumerReadTwiceIsNoRepeat() {
    arrive(1, 2);
    offset = 0;
    arrive(1, 2, 3);

    assertThat(ledger.delivered()).isEqualTo(3);
    assertThat(ledger.repeated()).isZero();
  }

  @Test
  void whatIsCommittedAndHasNotArrivedIsMissing() {
    arrive(1, 2);

    assertThat(reckoning(4, Map.of()).missing()).containsExactly("a-1 versions 3 to 4");
    assertThat(reckoning(2, Map.of()).missing()).isEmpty();
  }

  @Test
  void deadLettersStandForWhatDoesNotArrive() {
    arrive(1, 2);
    var reckoning = reckoning(4, Map.of("a-1", List.of(3, 4)));

    assertThat(reckoning.missing()).isEmpty();
    assertThat(reckoning.broken(List.of("a-1"))).isEmpty();
  }

  @Test
  void aDeadLetterOfASoundAggregateIsFound() {
    arrive(1, 2);

    assertThat(reckoning(4, Map.of("a-1", List.of(3, 4))).broken(List.of()))
        .containsExactly("a-1 is parked though nothing of it is wrong");
  }

  @Test
  void anEventThatHasArrivedAndIsADeadLetterIsFound() {
    arrive(1, 2);

    assertThat(reckoning(3, Map.of("a-1", List.of(2, 3))).broken(List.of("a-1")))
        .containsExactly("a-1 version 2 arrived, though it ends at 1 before its dead letters");
  }

  @Test
  void aGapInTheDeadLettersIsFound() {
    arrive(1);

    assertThat(reckoning(4, Map.of("a-1", List.of(2, 4))).broken(List.of("a-1"))).hasSize(1);
    assertThat(reckoning(4, Map.of("a-1", List.of(2, 3))).broken(List.of("a-1"))).hasSize(1);
  }

  @Test
  void anUnacceptableEventWithoutADeadLetterIsFound() {
    arrive(1);

    assertThat(reckoning(1, Map.of()).broken(List.of("a-1")))
        .containsExactly("a-1 has an unacceptable event and no dead letter");
  }

  private Reckoning reckoning(int committed, Map<String, List<Integer>> deadLetters) {
    return new Reckoning(new Truth(Map.of("a-1", committed), deadLetters), ledger);
  }

  private void arrive(int... versions) {
    for (int version : versions) {
      ledger.arrived(
          message(version, "{\"v\": %d, \"size\": 2, \"text\": \"xx\"}".formatted(version)));
    }
  }

  private Message message(int version, String payload) {
    var id = ids.computeIfAbsent(version, first -> UUID.randomUUID());
    return new Message(
        "a-1",
        Buffer.buffer(payload),
        Map.of("aggregate-id", "a-1", "event-id", id.toString()),
        Instant.EPOCH,
        Map.of("partition", "0", "offset", Long.toString(offset++)));
  }
}

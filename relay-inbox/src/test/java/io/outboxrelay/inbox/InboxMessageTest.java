package io.outboxrelay.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InboxMessageTest {
  private static final String ID = "5f0c3f0e-3a0b-4f3e-9f5e-0d8a9f8f7a11";

  private final Map<String, String> headers =
      new HashMap<>(
          Map.of(
              "event-id", ID,
              "aggregate-type", "order",
              "aggregate-id", "42",
              "event-sequence", "8812"));

  @Test
  void theHeadersTellIdAndPlace() {
    assertThat(InboxMessage.of("paid", headers::get))
        .isEqualTo(
            new InboxMessage<>(
                "paid", UUID.fromString(ID), new AggregatePosition("order", "42", 8812)));
  }

  @Test
  void withoutASequenceItHasNoPlace() {
    headers.remove("event-sequence");
    assertThat(InboxMessage.of("paid", headers::get).place()).isNull();
  }

  @Test
  void withoutAnIdItIsNoneOfTheRelays() {
    headers.remove("event-id");
    assertThatThrownBy(() -> InboxMessage.of("paid", headers::get))
        .hasMessageStartingWith("the header event-id is missing, but a UUID was expected");
  }

  @Test
  void anIdThatIsNoneIsNamed() {
    headers.put("event-id", "17");
    assertThatThrownBy(() -> InboxMessage.of("paid", headers::get))
        .hasMessageStartingWith("the header event-id is \"17\", but a UUID was expected");
  }

  @Test
  void aSequenceThatIsNoneIsNamed() {
    headers.put("event-sequence", "first");
    assertThatThrownBy(() -> InboxMessage.of("paid", headers::get))
        .hasMessageStartingWith("the header event-sequence is \"first\"");
  }
}

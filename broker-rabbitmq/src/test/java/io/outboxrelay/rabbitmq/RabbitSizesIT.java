package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.testkit.RabbitServer;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** If an event exceeds any limit on sizes, this event alone is rejected, with a sentence. */
class RabbitSizesIT extends RabbitFixture {
  private static final int BROKERS_LIMIT = 50_000;

  private static RabbitServer server;
  private String queue;

  @BeforeAll
  static void startABrokerThatTakesLittle() {
    server = RabbitServer.builder().setting("max_message_size", BROKERS_LIMIT).start();
  }

  @AfterAll
  static void stopIt() {
    server.close();
  }

  @Override
  protected RabbitServer broker() {
    return server;
  }

  @BeforeEach
  void createQueue() {
    queue = broker().newDestination();
  }

  /** The broker closes the channel, and does not name the message that it refuses. */
  @Test
  void theBrokersLimitRejectsAlthoughTheRelaysIsHigher() {
    var publisher = connect(BY_HEADERS);
    var events = new ArrayList<OutboxEvent>();
    for (int seq = 1; seq <= 50; seq++) {
      events.add(
          seq == 25 ? payload(seq, BROKERS_LIMIT + 1) : event(seq, "order-" + seq, to("", queue)));
    }

    var outcome = publishLikeTheRelay(publisher, events);

    assertThat(sequences(outcome.rejected().keySet())).containsExactly(25L);
    assertThat(outcome.rejected().values())
        .allSatisfy(
            rejection -> assertThat(rejection).hasMessageContaining("larger than configured max"));
    assertThat(outcome.confirmed()).hasSize(49);
  }

  @Test
  void theRelaysOwnLimitRejects() {
    rejects(Map.of("max-message-size", "10KiB"), payload(2, 20_000), "rabbitmq.max-message-size");
  }

  /** Headers have to fit in one frame. */
  @Test
  void headersLargerThanAFrameReject() {
    rejects(
        Map.of(), event(2, "order-2", with("h", "x".repeat(200_000))), "exceeded max frame size");
  }

  @Test
  void aRoutingKeyOfMoreThan255BytesRejects() {
    rejects(Map.of(), event(2, "order-2", to("", "k".repeat(256))), "255 at most");
  }

  @Test
  void anExchangeOfMoreThan255BytesRejects() {
    rejects(Map.of(), event(2, "order-2", to("e".repeat(256), "k")), "255 at most");
  }

  @Test
  void aHeaderWithANameOfMoreThan255BytesRejects() {
    rejects(Map.of(), event(2, "order-2", with("h".repeat(256), "x")), "cannot be written");
  }

  private void rejects(Map<String, Object> settings, OutboxEvent tooLarge, String named) {
    var publisher = connect(BY_HEADERS, settings);

    var before = publish(publisher, event(1, "order-1", to("", queue)));
    var refused = publish(publisher, tooLarge);
    var after = publish(publisher, event(3, "order-3", to("", queue)));

    assertThat(failure(refused, Rejected.class)).hasMessageContaining(named);
    List.of(before, after).forEach(this::await);
  }

  private Map<String, String> with(String header, String value) {
    return Map.of("exchange", "", "key", queue, header, value);
  }

  private OutboxEvent payload(long seq, int bytes) {
    return event(seq, "order", "order-" + seq, Buffer.buffer(new byte[bytes]), to("", queue));
  }
}

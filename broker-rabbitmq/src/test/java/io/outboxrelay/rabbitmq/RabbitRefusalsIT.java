package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.BuiltinExchangeType;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.PublishException.Retryable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** If RabbitMQ does not take an event, only this event fails for good. */
class RabbitRefusalsIT extends RabbitFixture {
  private String queue;

  @BeforeEach
  void createQueue() {
    queue = broker().newDestination();
  }

  @Test
  void anUnroutableEventIsRejectedThoughTheBrokerConfirmsIt() throws Exception {
    String exchange = newExchange(BuiltinExchangeType.DIRECT);
    channel.queueBind(queue, exchange, "bound");
    var publisher = connect(BY_HEADERS);

    var lost = publish(publisher, event(1, "order-1", to(exchange, "unbound")));
    var other = publish(publisher, event(2, "order-2", to(exchange, "bound")));

    assertThat(failure(lost, Rejected.class))
        .hasMessageContaining(exchange)
        .hasMessageContaining("\"unbound\"")
        .hasMessageContaining("bind one");
    await(other);
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "cloudevents-binary", "cloudevents-structured"})
  void anUnroutableEventIsFoundInEveryFormatWhateverItsHeaders(String format) throws Exception {
    String exchange = newExchange(BuiltinExchangeType.DIRECT);
    channel.queueBind(queue, exchange, "bound");
    var publisher =
        connect(Map.of("exchange", exchange, "routing-key", "${headers.key}", "format", format));

    var lost = publish(publisher, event(1, "order-1", withKey("unbound")));
    var other = publish(publisher, event(2, "order-2", withKey("bound")));

    assertThat(failure(lost, Rejected.class)).hasMessageContaining("\"unbound\"");
    await(other);
    assertThat(consume(queue, 1)).hasSize(1);
  }

  /** Returns headers of an event; one of them names the sequence number of another event. */
  private static Map<String, String> withKey(String key) {
    return Map.of("key", key, "event-sequence", "2");
  }

  @Test
  void aReturnedMessageIsMatchedToItsEvent() throws Exception {
    String exchange = newExchange(BuiltinExchangeType.DIRECT);
    channel.queueBind(queue, exchange, "bound");
    var publisher = connect(BY_HEADERS);

    var published = new HashMap<OutboxEvent, Future<Void>>();
    for (int seq = 1; seq <= 3_000; seq++) {
      var event = event(seq, "order-" + seq, to(exchange, seq % 3 == 0 ? "unbound" : "bound"));
      published.put(event, publish(publisher, event));
    }

    for (var entry : published.entrySet()) {
      if (entry.getKey().seq() % 3 == 0) {
        failure(entry.getValue(), Rejected.class);
      } else {
        await(entry.getValue());
      }
    }
    assertThat(consume(queue, 2_000)).hasSize(2_000);
  }

  @Test
  void aQueueThatIsMissingBehindTheDefaultExchangeIsNamed() {
    var publisher = connect(destinationSetting("${headers.to}"));

    var lost = publish(publisher, event(1, "order-1", Map.of("to", "no-queue")));

    assertThat(failure(lost, Rejected.class)).hasMessageContaining("no queue \"no-queue\"");
  }

  @Test
  void aMissingExchangeRejectsItsOwnEventsUntilItIsDeclared() throws Exception {
    String exchange = fresh("exchange");
    var publisher = connect(BY_HEADERS);

    var lost = publish(publisher, event(1, "order-1", to(exchange, "k")));
    var other = publish(publisher, event(2, "order-2", to("", queue)));

    assertThat(failure(lost, Rejected.class))
        .hasMessageContaining("the exchange \"" + exchange + "\" does not exist");
    await(other);

    channel.exchangeDeclare(exchange, BuiltinExchangeType.FANOUT);
    channel.queueBind(queue, exchange, "");
    await(publish(publisher, event(1, "order-1", to(exchange, "k"))));
  }

  @Test
  void exchangesAreAskedForWhileEventsOfOthersWait() throws Exception {
    var events = new ArrayList<OutboxEvent>();
    for (int seq = 1; seq <= 100; seq++) {
      String exchange = newExchange(BuiltinExchangeType.FANOUT);
      channel.queueBind(queue, exchange, "");
      events.add(event(seq, "order-" + seq, to(exchange, "k")));
    }
    // With a long heartbeat, only the publisher makes the client flush during the test.
    var publisher = connect(BY_HEADERS, Map.of("heartbeat", "60s"));

    var published = new ArrayList<Future<Void>>();
    var all =
        onContext(
            () -> {
              events.forEach(event -> published.add(publisher.publish(event)));
              return Future.all(published);
            });

    await(all);
    assertThat(consume(queue, 100)).hasSize(100);
  }

  @Test
  void anExchangeThatDisappearsRejectsItsOwnEventsOnly() throws Exception {
    String exchange = newExchange(BuiltinExchangeType.FANOUT);
    channel.queueBind(queue, exchange, "");
    var publisher = connect(BY_HEADERS);
    await(publish(publisher, event(1, "order-1", to(exchange, "k"))));

    channel.exchangeDelete(exchange);
    var outcome = publishLikeTheRelay(publisher, eventsWith(exchange));

    assertThat(sequences(outcome.rejected().keySet())).containsExactly(50L, 150L);
    assertThat(outcome.confirmed()).hasSize(298);

    channel.exchangeDeclare(exchange, BuiltinExchangeType.FANOUT);
    channel.queueBind(queue, exchange, "");
    await(publish(publisher, event(50, "order-50", to(exchange, "k"))));
  }

  @Test
  void aQueueThatIsDeletedRejectsItsOwnEventsUntilItIsDeclaredAgain() throws Exception {
    String deleted = broker().newDestination();
    var publisher = connect(destinationSetting("${headers.to}"));
    await(publish(publisher, event(1, "order-1", Map.of("to", deleted))));

    channel.queueDelete(deleted);
    var lost = publish(publisher, event(2, "order-1", Map.of("to", deleted)));
    var other = publish(publisher, event(3, "order-2", Map.of("to", queue)));

    assertThat(failure(lost, Rejected.class)).hasMessageContaining("no queue \"" + deleted + "\"");
    await(other);
    channel.queueDeclare(deleted, true, false, false, Map.of());
    await(publish(publisher, event(2, "order-1", Map.of("to", deleted))));
    assertThat(broker().consume(deleted, 1, Duration.ofSeconds(10))).hasSize(1);
  }

  /** RabbitMQ closes the channel of all events, and does not name the message that it refuses. */
  @Test
  void anEventThatClosesTheChannelIsFoundAmongItsNeighbours() throws Exception {
    String internal = fresh("exchange");
    channel.exchangeDeclare(internal, BuiltinExchangeType.FANOUT, true, false, true, Map.of());
    var publisher = connect(BY_HEADERS);

    var outcome = publishLikeTheRelay(publisher, eventsWith(internal));

    assertThat(sequences(outcome.rejected().keySet())).containsExactly(50L, 150L);
    assertThat(outcome.rejected().values())
        .allSatisfy(rejection -> assertThat(rejection).hasMessageContaining("internal exchange"));
    assertThat(outcome.confirmed()).hasSize(298);
  }

  @Test
  void anEventThatCannotBeWrittenHarmsNoOther() {
    var publisher = connect(destinationSetting(queue));
    var unwritable = Map.of("h".repeat(300), "the name is too long for AMQP");

    var before = publish(publisher, event(1, "order-1"));
    var refused = publish(publisher, event(2, "order-2", unwritable));
    var tooMuch = publish(publisher, event(3, "order-3", Map.of("h", "x".repeat(200_000))));
    var after = publish(publisher, event(4, "order-4"));

    assertThat(failure(refused, Rejected.class)).hasMessageContaining("cannot be written");
    assertThat(failure(tooMuch, Rejected.class)).hasMessageContaining("cannot be written");
    await(before);
    await(after);
    assertThat(consume(queue, 2)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"x-max-length, 1", "x-max-length-bytes, 10"})
  void aFullQueueMakesAnEventRetryable(String limit, int value) {
    String full =
        broker()
            .newDestination(
                Map.of("x-queue-type", "classic", limit, value, "x-overflow", "reject-publish"));
    var publisher = connect(destinationSetting(full));
    await(publish(publisher, event(1, "order-1")));

    var refused = publish(publisher, event(2, "order-1"));

    assertThat(failure(refused, Retryable.class)).hasMessageContaining("basic.nack");
    assertThat(broker().consume(full, 1, Duration.ofSeconds(10))).hasSize(1);
    await(publish(publisher, event(2, "order-1")));
  }

  /** The relay cannot notice the loss, because the broker has confirmed the event. */
  @Test
  void aFullQueueThatDropsItsHeadConfirmsAndDropsTheOldestEvent() {
    String full =
        broker()
            .newDestination(
                Map.of(
                    "x-queue-type", "classic",
                    "x-max-length", 1,
                    "x-overflow", "drop-head",
                    "x-dead-letter-exchange", "",
                    "x-dead-letter-routing-key", queue));
    var publisher = connect(destinationSetting(full));

    await(publish(publisher, event(1, "order-1")));
    await(publish(publisher, event(2, "order-1")));

    assertThat(arrived(queue)).containsExactly("1");
    assertThat(arrived(full)).containsExactly("2");
  }

  /** The broker confirms the message when it reaches the queue, and drops it when it expires. */
  @Test
  void anEventThatExpiresInItsQueueIsConfirmed() {
    String shortLived =
        broker()
            .newDestination(
                Map.of(
                    "x-queue-type",
                    "classic",
                    "x-message-ttl",
                    0,
                    "x-dead-letter-exchange",
                    "",
                    "x-dead-letter-routing-key",
                    queue));
    var publisher = connect(destinationSetting(shortLived));

    await(publish(publisher, event(1, "order-1")));

    assertThat(arrived(queue)).containsExactly("1");
    assertThat(broker().consume(shortLived, 1, Duration.ofMillis(100))).isEmpty();
  }

  private List<String> arrived(String from) {
    return consume(from, 1).stream()
        .map(message -> message.headers().get("event-sequence"))
        .toList();
  }

  /** Returns 300 events of 300 orders: two for this exchange, the others for the queue. */
  private List<OutboxEvent> eventsWith(String exchange) {
    var events = new ArrayList<OutboxEvent>();
    for (int seq = 1; seq <= 300; seq++) {
      boolean bad = seq == 50 || seq == 150;
      events.add(event(seq, "order-" + seq, bad ? to(exchange, "k") : to("", queue)));
    }
    return events;
  }
}

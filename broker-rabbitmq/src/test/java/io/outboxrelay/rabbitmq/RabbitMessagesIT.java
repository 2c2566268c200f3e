package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.BuiltinExchangeType;
import io.outboxrelay.publish.PublishException.Rejected;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/**
 * Consumers read messages in the format, and from the exchanges and queues, that are configured.
 */
class RabbitMessagesIT extends RabbitFixture {
  @Test
  void aConsumerReadsCloudEventsInBothModes() {
    String binary = broker().newDestination();
    String structured = broker().newDestination();
    var publisher =
        connect(
            destinationSetting("${headers.to}"),
            Map.of(
                "format",
                "cloudevents-binary",
                "format-for",
                Map.of("/" + structured, "cloudevents-structured")));

    var inHeaders = event(1, "order-ü", Map.of("to", binary));
    var inJson = event(2, "order-ü", Map.of("to", structured));
    await(publish(publisher, inHeaders));
    await(publish(publisher, inJson));

    var first = consume(binary, 1).get(0);
    assertThat(first.headers())
        .containsEntry("cloudEvents:id", inHeaders.id().toString())
        .containsEntry("cloudEvents:subject", "order-ü");
    assertThat(first.properties()).containsEntry("content-type", "application/json");
    assertThat(first.text()).isEqualTo("{\"n\": 1}");
    var second = consume(structured, 1).get(0);
    assertThat(second.properties()).containsEntry("content-type", "application/cloudevents+json");
    var json = new JsonObject(Objects.requireNonNull(second.payload()));
    assertThat(json.getString("subject")).isEqualTo("order-ü");
    assertThat(json.getJsonObject("data")).isEqualTo(JsonObject.of("n", 2));
  }

  @Test
  void headersSetExpirationAndPriority() throws Exception {
    String queue = fresh("queue");
    channel.queueDeclare(queue, true, false, false, Map.of("x-max-priority", 10));
    var publisher =
        connect(
            destinationSetting(queue),
            Map.of("expiration-header", "ttl", "priority-header", "urgency"));

    await(publish(publisher, event(1, "order-1", Map.of("urgency", "1"))));
    await(publish(publisher, event(2, "order-2", Map.of("urgency", "9", "ttl", "600000"))));

    var first = channel.basicGet(queue, true).getProps();
    assertThat(first.getPriority()).isEqualTo(9);
    assertThat(first.getExpiration()).isEqualTo("600000");
    var second = channel.basicGet(queue, true).getProps();
    assertThat(second.getPriority()).isEqualTo(1);
    assertThat(second.getExpiration()).isNull();
  }

  @Test
  void topicAndHeadersExchangesRouteByRoutingKeyAndByHeaders() throws Exception {
    String byKey = broker().newDestination();
    String byHeaders = broker().newDestination();
    String topics = newExchange(BuiltinExchangeType.TOPIC);
    String headers = newExchange(BuiltinExchangeType.HEADERS);
    channel.queueBind(byKey, topics, "order.*.OrderPlaced");
    channel.queueBind(
        byHeaders,
        headers,
        "",
        Map.of("x-match", "all", "event-type", "OrderPlaced", "tenant", "acme"));
    var publisher =
        connect(
            Map.of(
                "exchange", "${headers.exchange}",
                "routing-key", "${aggregate_type}.${aggregate_id}.${event_type}",
                "headers", Map.of("tenant", "${headers.customer}")));

    var to = Map.of("exchange", topics);
    await(publish(publisher, event(1, "order-1", to)));
    await(publish(publisher, event(2, "order-2", Map.of("exchange", headers, "customer", "acme"))));
    var other = event(3, "order-3", Map.of("exchange", headers, "customer", "other"));
    failure(publish(publisher, other), Rejected.class);

    assertThat(consume(byKey, 1).get(0).key()).isEqualTo("order.order-1.OrderPlaced");
    assertThat(consume(byHeaders, 1).get(0).headers()).containsEntry("event-sequence", "2");
  }

  @Test
  void anAlternateExchangeTakesWhatNoQueueIsBoundFor() throws Exception {
    String queue = broker().newDestination();
    String alternate = newExchange(BuiltinExchangeType.FANOUT);
    channel.queueBind(queue, alternate, "");
    String exchange = fresh("exchange");
    channel.exchangeDeclare(
        exchange, "direct", true, false, Map.of("alternate-exchange", alternate));
    var publisher = connect(BY_HEADERS);

    await(publish(publisher, event(1, "order-1", to(exchange, "unbound"))));

    assertThat(consume(queue, 1).get(0).key()).isEqualTo("unbound");
  }

  @Test
  void aStreamKeepsEventsForLaterReaders() throws Exception {
    String stream = fresh("stream");
    channel.queueDeclare(stream, true, false, false, Map.of("x-queue-type", "stream"));
    var publisher = connect(destinationSetting(stream));

    for (int seq = 1; seq <= 3; seq++) {
      await(publish(publisher, event(seq, "order-1")));
    }

    assertThat(sequencesOf(stream, 3)).isEqualTo(List.of("1", "2", "3"));
    assertThat(sequencesOf(stream, 3)).as("read again").isEqualTo(List.of("1", "2", "3"));
  }

  private List<String> sequencesOf(String stream, int count) throws Exception {
    var read = new LinkedBlockingQueue<String>();
    channel.basicQos(count);
    String tag =
        channel.basicConsume(
            stream,
            false,
            Map.of("x-stream-offset", "first"),
            (consumer, delivery) -> {
              read.add(String.valueOf(delivery.getProperties().getHeaders().get("event-sequence")));
              channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
            },
            consumer -> {});
    var sequences = new ArrayList<String>();
    while (sequences.size() < count) {
      sequences.add(String.valueOf(read.poll(PATIENCE.toSeconds(), SECONDS)));
    }
    channel.basicCancel(tag);
    return sequences;
  }
}

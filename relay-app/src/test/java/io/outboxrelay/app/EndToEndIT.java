package io.outboxrelay.app;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import io.outboxrelay.tracing.OtlpReceiver;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The fat jar with the files in conf, from a real database to real brokers. */
class EndToEndIT {
  private static final int AGGREGATES = 10;
  private static final Duration LONG_ENOUGH_FOR_A_REPEAT = Duration.ofSeconds(3);

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Map<String, String> environment =
      new HashMap<>(
          Map.of(
              "RELAY_DB_PASSWORD", PostgresServer.shared().password(),
              "OUTBOX_RELAY_DATABASE_URI", database.uri()));

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void kafkaGetsEveryEventInOrderAndNoneTwice() throws Exception {
    deliverStopAndGoOn(KafkaServer.shared(), kafkaTopic(), "conf/kafka.yaml");
  }

  @Test
  void rabbitmqGetsEveryEventInOrderAndNoneTwice() throws Exception {
    deliverStopAndGoOn(RabbitServer.shared(), rabbitmqQueue(), "conf/rabbitmq.yaml");
  }

  @Test
  void anEventTooLargeForKafkaIsMendedAndItsAggregateFollows() throws Exception {
    environment.put("OUTBOX_RELAY_KAFKA_MAX_REQUEST_SIZE", "20000");
    rejectMendAndFollow(KafkaServer.shared(), kafkaTopic(), "conf/kafka.yaml");
  }

  @Test
  void anEventTooLargeForRabbitmqIsMendedAndItsAggregateFollows() throws Exception {
    environment.put("OUTBOX_RELAY_RABBITMQ_MAX_MESSAGE_SIZE", "20KiB");
    rejectMendAndFollow(RabbitServer.shared(), rabbitmqQueue(), "conf/rabbitmq.yaml");
  }

  @Test
  void aTracedEventsSpanLiesBetweenTheWritersAndTheConsumersWithKafka() throws Exception {
    traceFromWriterToConsumer(KafkaServer.shared(), kafkaTopic(), "conf/kafka.yaml", "kafka");
  }

  @Test
  void aTracedEventsSpanLiesBetweenTheWritersAndTheConsumersWithRabbitmq() throws Exception {
    traceFromWriterToConsumer(
        RabbitServer.shared(), rabbitmqQueue(), "conf/rabbitmq.yaml", "rabbitmq");
  }

  /** A traced event, an untraced one, and one with a header that is not a trace context. */
  private void traceFromWriterToConsumer(
      TestBroker broker, String destination, String conf, String system) throws Exception {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    var headers =
        List.of(
            "00-" + trace + "-00f067aa0ba902b7-01", "00-" + trace + "-00f067aa0ba902b7-00", "none");
    run("init", conf).close();
    for (String traceparent : headers) {
      database.execute(
          """
          insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)
          values ('order', 'order-42', 'order-placed', '1', '{"traceparent": "%s", "tracestate": "shop=1"}')
          """
              .formatted(traceparent));
    }
    try (var collector = OtlpReceiver.start()) {
      environment.put("OUTBOX_RELAY_TRACING_ENABLED", "true");
      environment.put("OUTBOX_RELAY_TRACING_ENDPOINT", collector.endpoint());
      try (var relay = FatJar.run(environment, "-conf", conf)) {
        var messages = broker.consume(destination, headers.size(), PATIENCE);
        await().atMost(PATIENCE).until(() -> !collector.spans().isEmpty());
        relay.awaitLine("is \"none\", which is not a trace context of the W3C");
        relay.terminate().awaitExit(0);
        var span = collector.spans().get(0);
        assertThat(collector.spans()).hasSize(1);
        assertThat(hex(span.getTraceId())).isEqualTo(trace);
        assertThat(hex(span.getParentSpanId())).isEqualTo("00f067aa0ba902b7");
        assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_PRODUCER);
        assertThat(span.getName()).startsWith("publish ").contains(destination);
        assertThat(span.getAttributesList())
            .anyMatch(
                attribute ->
                    attribute.getKey().equals("messaging.system")
                        && attribute.getValue().getStringValue().equals(system));
        assertThat(messages)
            .extracting(message -> message.headers().get("traceparent"))
            .containsExactly(
                "00-" + trace + "-" + hex(span.getSpanId()) + "-01",
                headers.get(1),
                headers.get(2));
        assertThat(messages)
            .allSatisfy(
                message -> assertThat(message.headers()).containsEntry("tracestate", "shop=1"));
      }
    }
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  /** Event 50 is too large; those behind it of its aggregate wait, all others flow. */
  private void rejectMendAndFollow(TestBroker broker, String destination, String conf)
      throws Exception {
    run("init", conf).close();
    write(1, 49);
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)
        values ('order', 'order-' || 50 %% %d, 'order-placed', to_jsonb(repeat('50', 20000)), '{"tenant": "blue"}')
        """
            .formatted(AGGREGATES));
    write(51, 300);
    int ofOne =
        (int) IntStream.rangeClosed(50, 300).filter(n -> (n - 50) % AGGREGATES == 0).count();
    try (var relay = FatJar.run(environment, "-conf", conf)) {
      assertDelivered(broker.consume(destination, 300 - ofOne, PATIENCE), 300 - ofOne);
      try (var list = run("dead-letters", "list", "--wide", "--reason", "*exceed*", conf)) {
        assertThat(list.out()).contains("rejected", destination, "order-" + 50 % AGGREGATES);
      }
      run("dead-letters", "edit", "50", "--payload", "{\"number\": 50}", "--retry", conf).close();
      write(301, 400);
      assertDelivered(broker.consume(destination, 400, PATIENCE), 400);
      relay.terminate().awaitExit(0);
    }
  }

  /** Runs a command with the configuration that is named last. */
  private FatJar run(String... arguments) throws Exception {
    var all = new ArrayList<>(List.of(arguments));
    all.add(all.size() - 1, "-conf");
    return FatJar.run(environment, all.toArray(String[]::new)).awaitExit(0);
  }

  private String kafkaTopic() {
    var kafka = KafkaServer.shared();
    String topic = kafka.newDestination();
    environment.put(
        "OUTBOX_RELAY_KAFKA_BOOTSTRAP_SERVERS", (String) kafka.settings().get("bootstrap.servers"));
    environment.put("OUTBOX_RELAY_KAFKA_TOPIC", topic);
    return topic;
  }

  private String rabbitmqQueue() {
    var rabbitmq = RabbitServer.shared();
    String queue = rabbitmq.newDestination();
    environment.putAll(RabbitVariables.of(rabbitmq, queue));
    return queue;
  }

  @Test
  void wrongCredentialsForKafkaEndItWith4() throws Exception {
    var kafka = KafkaServer.shared();
    assumeTrue(kafka.controllable(), "whether it wants a password is not known");
    kafka
        .passwordSettings("s3cret")
        .forEach(
            (name, value) ->
                environment.put(
                    "OUTBOX_RELAY_KAFKA_" + name.toUpperCase(Locale.ROOT).replace('.', '_'),
                    value.toString()));
    assertRefused("conf/kafka.yaml", "Kafka");
  }

  @Test
  void wrongCredentialsForRabbitmqEndItWith4() throws Exception {
    var uri = URI.create((String) RabbitServer.shared().settings().get("uri"));
    environment.put("OUTBOX_RELAY_RABBITMQ_URI", "amqp://" + uri.getHost() + ":" + uri.getPort());
    environment.put("RELAY_RABBITMQ_PASSWORD", "s3cret");
    assertRefused("conf/rabbitmq.yaml", "RabbitMQ");
  }

  private void assertRefused(String conf, String broker) throws Exception {
    try (var init = FatJar.run(environment, "init", "-conf", conf)) {
      init.awaitExit(0);
    }
    try (var relay = FatJar.run(environment, "-conf", conf)) {
      relay.awaitExit(4);
      assertThat(relay.err()).contains(broker).doesNotContain("s3cret", "\tat ", "WARN", "ERROR");
    }
  }

  private void deliverStopAndGoOn(TestBroker broker, String destination, String conf)
      throws Exception {
    try (var init = FatJar.run(environment, "init", "-conf", conf)) {
      init.awaitExit(0);
    }
    write(1, 300);
    try (var check = FatJar.run(environment, "check", "-conf", conf)) {
      assertThat(check.awaitExit(0).out()).contains("no problems");
    }
    try (var relay = FatJar.run(environment, "-conf", conf)) {
      write(301, 500);
      assertDelivered(broker.consume(destination, 500, PATIENCE), 500);
      relay.terminate().awaitExit(0);
    }
    write(501, 700);
    try (var relay = FatJar.run(environment, "-conf", conf)) {
      assertDelivered(broker.consume(destination, 700, PATIENCE), 700);
      relay.terminate().awaitExit(0);
    }
    assertThat(broker.consume(destination, 701, LONG_ENOUGH_FOR_A_REPEAT)).hasSize(700);
  }

  private void write(int from, int to) throws Exception {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)
        select 'order', 'order-' || n %% %d, 'order-placed', jsonb_build_object('number', n),
               '{"tenant": "blue"}'
        from generate_series(%d, %d) n
        """
            .formatted(AGGREGATES, from, to));
  }

  private static void assertDelivered(List<ReceivedMessage> messages, int count) {
    assertThat(messages).hasSize(count);
    assertThat(messages).extracting(EndToEndIT::number).doesNotHaveDuplicates();
    assertThat(messages)
        .allSatisfy(
            message ->
                assertThat(message.headers())
                    .containsEntry("tenant", "blue")
                    .containsKey(MessageHeaders.EVENT_ID));
    byAggregate(messages)
        .forEach(
            (aggregate, ofOne) ->
                assertThat(ofOne).as(aggregate).extracting(EndToEndIT::number).isSorted());
  }

  private static Map<String, List<ReceivedMessage>> byAggregate(List<ReceivedMessage> messages) {
    return messages.stream()
        .collect(
            Collectors.groupingBy(message -> message.headers().get(MessageHeaders.AGGREGATE_ID)));
  }

  private static int number(ReceivedMessage message) {
    return Integer.parseInt(String.valueOf(message.text()).replaceAll("\\D", ""));
  }
}

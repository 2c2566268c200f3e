package io.outboxrelay.app;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * One destination of a real broker accepts nothing. The other destinations get many times as many
 * events as the read-ahead holds. Once it accepts events again, it gets all of its own in order.
 */
class DestinationsIT {
  private static final int VERSIONS = 150;
  private static final int AGGREGATES = 10;
  private static final int ALL = VERSIONS * AGGREGATES;

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Map<String, String> environment =
      new HashMap<>(
          Map.of(
              "RELAY_DB_PASSWORD",
              PostgresServer.shared().password(),
              "OUTBOX_RELAY_DATABASE_URI",
              database.uri(),
              "OUTBOX_RELAY_RELAY_PAGE_SIZE",
              "100",
              "OUTBOX_RELAY_RELAY_READ_AHEAD",
              "500"));

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void aMissingTopicAndOneThatMayNotBeWrittenToStopNoOther() throws Exception {
    try (var kafka = strictKafka()) {
      assumeTrue(kafka.controllable(), "what it lets whom do is not known");
      environment.put("OUTBOX_RELAY_KAFKA_TOPIC", "${aggregate_type}");
      kafka
          .passwordSettings()
          .forEach(
              (name, value) ->
                  environment.put(
                      "OUTBOX_RELAY_KAFKA_" + name.toUpperCase(Locale.ROOT).replace('.', '_'),
                      value.toString()));
      String open = kafka.newDestination();
      String denied = kafka.newDestination();
      String missing = "test-" + UUID.randomUUID();
      kafka.allowOnlyToDescribe(denied);
      write("conf/kafka.yaml", open, denied, missing);

      try (var relay = relay("conf/kafka.yaml")) {
        assertAllArrive(kafka, open);
        assertThat(kafka.consume(denied, 1, Duration.ofSeconds(1))).isEmpty();

        kafka.allowEverything(denied);
        kafka.createTopic(missing);

        assertAllArrive(kafka, denied);
        assertAllArrive(kafka, missing);
        relay.terminate().awaitExit(0);
      }
    }
  }

  private static KafkaServer strictKafka() {
    return KafkaServer.builder().setting("auto.create.topics.enable", false).withRights().start();
  }

  @Test
  void aQueueThatIsFullStopsNoOther() throws Exception {
    var rabbitmq = RabbitServer.shared();
    String open = rabbitmq.newDestination();
    String full =
        rabbitmq.newDestination(Map.of("x-max-length", 20, "x-overflow", "reject-publish"));
    useQueues(rabbitmq);
    write("conf/rabbitmq.yaml", open, full);

    try (var relay = relay("conf/rabbitmq.yaml")) {
      assertAllArrive(rabbitmq, open);
      assertAllArrive(rabbitmq, full);
      relay.terminate().awaitExit(0);
    }
  }

  /** Each try leaves a copy in the healthy queue, so there must be few tries. */
  @Test
  void aFullQueueBesideAnotherOfItsExchangeLeavesFewCopiesThere() throws Exception {
    var rabbitmq = RabbitServer.shared();
    String healthy = rabbitmq.newDestination();
    String full =
        rabbitmq.newDestination(
            Map.of("x-queue-type", "classic", "x-max-length", 1, "x-overflow", "reject-publish"));
    String fanOut = "fan-out-" + UUID.randomUUID();
    rabbitmq.createTopicExchange(fanOut);
    rabbitmq.bind(healthy, fanOut, "#");
    rabbitmq.bind(full, fanOut, "#");
    String open = "open-" + UUID.randomUUID();
    String openQueue = rabbitmq.newDestination();
    rabbitmq.createTopicExchange(open);
    rabbitmq.bind(openQueue, open, "#");
    useQueues(rabbitmq);
    environment.put("OUTBOX_RELAY_RABBITMQ_EXCHANGE", "${aggregate_type}");
    environment.put("OUTBOX_RELAY_RABBITMQ_ROUTING_KEY", "${event_type}");
    write("conf/rabbitmq.yaml", fanOut, open);

    Map<String, Integer> copies = new ConcurrentHashMap<>();
    long begun = System.nanoTime();
    try (var relay = relay("conf/rabbitmq.yaml");
        var reading =
            rabbitmq.subscribe(healthy, message -> copies.merge(id(message), 1, Integer::sum))) {
      assertAllArrive(rabbitmq, openQueue);
      await("tries").atMost(PATIENCE).until(() -> mostOf(copies) >= 8);
      double seconds = (System.nanoTime() - begun) / 1e9;
      assertThat(mostOf(copies)).isLessThanOrEqualTo(mostTries(seconds));

      assertAllArrive(rabbitmq, full);
      assertThat(reading).isNotNull();
      relay.terminate().awaitExit(0);
    }
  }

  private static String id(ReceivedMessage message) {
    return requireNonNull(message.headers().get(MessageHeaders.EVENT_ID));
  }

  private static int mostOf(Map<String, Integer> copies) {
    return copies.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /**
   * Returns the most tries that fit, if the first pause is 37 ms and each next one twice as long.
   */
  private static int mostTries(double seconds) {
    int tries = 1;
    for (double pause = 0.037, at = pause; at <= seconds; pause *= 2, at += pause) {
      tries++;
    }
    return tries;
  }

  private void useQueues(RabbitServer rabbitmq) {
    environment.putAll(RabbitVariables.of(rabbitmq, "${aggregate_type}"));
  }

  private FatJar relay(String conf) throws Exception {
    return FatJar.run(environment, "-conf", conf);
  }

  private void write(String conf, String... destinations) throws Exception {
    try (var init = FatJar.run(environment, "init", "--print", "-conf", conf)) {
      database.execute(init.awaitExit(0).out());
    }
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
        select type, aggregate || ' of ' || type, version
        from generate_series(1, %d) version, generate_series(1, %d) aggregate,
             unnest('{%s}'::text[]) type
        order by version, aggregate, type
        """
            .formatted(VERSIONS, AGGREGATES, String.join(",", destinations)));
  }

  /**
   * Asserts that all events arrive. The consumer goes on reading, which makes room in a full queue.
   */
  private static void assertAllArrive(TestBroker broker, String destination) {
    Queue<ReceivedMessage> arrived = new ConcurrentLinkedQueue<>();
    try (var reading = broker.subscribe(destination, arrived::add)) {
      await(destination).atMost(PATIENCE).until(() -> ids(List.copyOf(arrived)) == ALL);
      assertThat(reading).isNotNull();
    }
    assertInOrder(List.copyOf(arrived));
  }

  private static long ids(List<ReceivedMessage> messages) {
    return messages.stream()
        .map(message -> message.headers().get(MessageHeaders.EVENT_ID))
        .distinct()
        .count();
  }

  /**
   * Asserts that all versions of each aggregate arrived in order; interrupted events may repeat.
   */
  private static void assertInOrder(List<ReceivedMessage> messages) {
    assertThat(ids(messages)).isEqualTo(ALL);
    messages.stream()
        .collect(groupingBy(message -> message.headers().get(MessageHeaders.AGGREGATE_ID)))
        .forEach(
            (aggregate, ofOne) ->
                assertThat(
                        ofOne.stream()
                            .map(
                                message ->
                                    Integer.parseInt(
                                        message.headers().get(MessageHeaders.EVENT_TYPE)))
                            .distinct())
                    .as(aggregate)
                    .hasSize(VERSIONS)
                    .isSorted());
  }
}

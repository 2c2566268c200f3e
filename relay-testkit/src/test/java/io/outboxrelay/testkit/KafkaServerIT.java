package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 4, unit = TimeUnit.MINUTES)
class KafkaServerIT {
  private static KafkaServer server;
  private KafkaProducer<String, String> producer;

  @BeforeAll
  static void start() {
    server = KafkaServer.start();
  }

  @AfterAll
  static void close() {
    server.close();
  }

  @BeforeEach
  void connect() {
    producer =
        new KafkaProducer<>(server.settings(), new StringSerializer(), new StringSerializer());
  }

  @AfterEach
  void disconnect() {
    producer.close(Duration.ZERO);
  }

  @Test
  void saysItsVersionAndWhereItComesFrom() {
    assertThat(server.origin()).matches("Kafka.*, .+");
  }

  @Test
  void aMessageIsReadAsItWasWritten() throws Exception {
    var topic = server.newDestination();
    var written = new ProducerRecord<>(topic, 1, 1_700_000_000_000L, "order-42", "{\"total\": 1}");
    written.headers().add("event-type", "OrderPlaced".getBytes(UTF_8));
    producer.send(written).get();
    producer.send(new ProducerRecord<>(topic, 1, "order-42", null)).get();

    var read = server.consume(topic, 2, PATIENCE);

    assertThat(read).hasSize(2);
    assertThat(read.get(0).key()).isEqualTo("order-42");
    assertThat(read.get(0).text()).isEqualTo("{\"total\": 1}");
    assertThat(read.get(0).headers()).isEqualTo(Map.of("event-type", "OrderPlaced"));
    assertThat(read.get(0).timestamp()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_000L));
    assertThat(read.get(0).properties())
        .isEqualTo(Map.of("topic", topic, "partition", "1", "offset", "0"));
    assertThat(read.get(1).payload()).isNull();
  }

  @Test
  void messagesThatDidNotArriveInTimeAreNotReturned() throws Exception {
    var topic = server.newDestination();
    send(topic, "one");
    assertThat(server.consume(topic, 2, Duration.ofSeconds(3)))
        .extracting(ReceivedMessage::text)
        .containsExactly("one");
    assertThat(server.consume("no-such-topic", 1, Duration.ofSeconds(1))).isEmpty();
  }

  @Test
  void aTopicHasTheOptionsAskedFor() {
    assumeTrue(server.controllable(), server.origin());
    var topic = server.newDestination(Map.of("max.message.bytes", 1_000, "partitions", 7));
    assertThat(producer.partitionsFor(topic)).hasSize(7);
    assertThatThrownBy(() -> send(topic, "x".repeat(2_000)))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(RecordTooLargeException.class);
  }

  @Test
  void speaksTlsWithItsCertificate() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    assertThat(partitionsSeenWith(server.tlsSettings())).isEqualTo(2);
  }

  @Test
  void wantsTheRightPasswordWhereItWantsOne() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    assertThat(partitionsSeenWith(server.passwordSettings())).isEqualTo(2);
    assertThatThrownBy(() -> partitionsSeenWith(server.passwordSettings("wrong")))
        .isInstanceOf(SaslAuthenticationException.class);
  }

  private static int partitionsSeenWith(Map<String, Object> settings) {
    var topic = server.newDestination(Map.of("partitions", 2));
    try (var secured =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      return secured.partitionsFor(topic).size();
    }
  }

  @Test
  void aSubscriberGetsWhatIsThereAndWhatComesAlsoFromTopicsCreatedLater() throws Exception {
    var prefix = server.newDestination();
    send(prefix, "before");
    var heard = new LinkedBlockingQueue<String>();
    try (var subscription = server.subscribe(prefix + ".*", it -> heard.add(it.text()))) {
      assertThat(heard.poll(30, SECONDS)).isEqualTo("before");
      send(prefix + ".later", "after");
      assertThat(heard.poll(30, SECONDS)).isEqualTo("after");
      subscription.close();
      send(prefix, "unheard");
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void aSubscriberMayComeBeforeTheTopic() throws Exception {
    var topic = server.newDestination() + ".later";
    var heard = new LinkedBlockingQueue<String>();
    try (var subscription = server.subscribe(topic, it -> heard.add(it.text()))) {
      send(topic, "first");
      assertThat(heard.poll(30, SECONDS)).as("heard by %s", subscription).isEqualTo("first");
    }
  }

  @Test
  void aKilledBrokerRestartsOnTheSamePortWithItsDataAndItsSubscribersGoOn() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var topic = server.newDestination(Map.of("partitions", 1));
    var heard = new LinkedBlockingQueue<String>();
    try (var subscription = server.subscribe(topic, it -> heard.add(it.text()))) {
      send(topic, "before");
      assertThat(heard.poll(30, SECONDS)).isEqualTo("before");
      server.kill();
      var sent = CompletableFuture.supplyAsync(() -> sendQuietly(topic, "after"));
      assertThat(sent).failsWithin(1, SECONDS);
      server.restart();
      assertThat(sent).succeedsWithin(PATIENCE);
      assertThat(heard.poll(30, SECONDS)).isEqualTo("after");
    }
    assertThat(server.consume(topic, 2, PATIENCE))
        .extracting(ReceivedMessage::text)
        .containsExactly("before", "after");
  }

  @Test
  void aStoppedBrokerRestartsWithItsData() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var topic = server.newDestination();
    send(topic, "before");
    server.stop();
    server.restart();
    assertThat(server.consume(topic, 1, PATIENCE)).hasSize(1);
  }

  @Test
  void aPausedBrokerAnswersNothingUntilItResumes() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var topic = server.newDestination();
    send(topic, "before");
    server.pause();
    var sent = CompletableFuture.supplyAsync(() -> sendQuietly(topic, "during"));
    assertThat(sent).failsWithin(1, SECONDS);
    server.resume();
    assertThat(sent).succeedsWithin(PATIENCE);
    assertThat(server.consume(topic, 2, PATIENCE)).hasSize(2);
  }

  private void send(String topic, String text) throws Exception {
    producer.send(new ProducerRecord<>(topic, text)).get(30, SECONDS);
  }

  private boolean sendQuietly(String topic, String text) {
    try {
      send(topic, text);
      return true;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}

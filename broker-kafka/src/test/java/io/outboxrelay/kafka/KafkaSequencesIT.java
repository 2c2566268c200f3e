package io.outboxrelay.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.FaultProxy.Direction;
import io.outboxrelay.testkit.KafkaServer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The broker expects another sequence number than the producer sends. In each case, all later
 * events arrive, in order.
 */
class KafkaSequencesIT extends KafkaFixture {
  private static final int FIRST = 20;
  private static final int ALL = 40;
  private static final long NANOS_BETWEEN_LOOKS = 20_000_000;

  private static Admin admin;
  private String topic;
  private TopicPartition partition;
  private Publisher publisher;

  @BeforeAll
  static void startABroker() {
    kafka =
        KafkaServer.builder()
            .setting("auto.create.topics.enable", false)
            .setting("producer.id.expiration.check.interval.ms", 100)
            .detours(1)
            .start();
    admin = Admin.create(kafka.settings());
  }

  @AfterAll
  static void closeAdmin() {
    admin.close();
  }

  @BeforeEach
  void publishTheFirst() throws Exception {
    topic = kafka.newDestination(Map.of("partitions", 1));
    partition = new TopicPartition(topic, 0);
    publisher =
        connect(
            destinationSetting(topic), Map.of("bootstrap.servers", "127.0.0.1:" + proxy().port()));
    publishLikeTheRelay(publisher, events(1, FIRST, Instant.now()));
  }

  @AfterEach
  void heal() {
    proxy().heal();
  }

  @Test
  void afterItsRecordsWereDeletedTheProducerGoesOn() throws Exception {
    var before = producer();
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(FIRST))).all().get();

    publishTheRest();

    assertThat(sequences(ALL - FIRST)).containsExactlyElementsOf(numbers(FIRST + 1, ALL));
    assertThat(producer().producerId()).isEqualTo(before.producerId());
  }

  @Test
  void aProducerThatTheBrokerHasForgottenGoesOn() throws Exception {
    expireProducersAfter(Duration.ofMillis(1));
    awaitForgotten();
    expireProducersAfter(Duration.ofDays(1));

    publishTheRest();

    assertThat(sequences(ALL)).containsExactlyElementsOf(numbers(1, ALL));
  }

  @Test
  void aTopicThatWasDeletedAndMadeAgainGetsWhatFollows() throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    while (admin.listTopics().names().get().contains(topic)) {
      LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
    }
    kafka.createTopic(topic, Map.of("partitions", 1));

    publishTheRest();

    assertThat(sequences(ALL - FIRST)).containsExactlyElementsOf(numbers(FIRST + 1, ALL));
  }

  @Test
  void eventsThatTheBrokerHasAndCouldNotConfirmAreNotWrittenTwice() throws Exception {
    var before = producer();
    var published = publishUnheard(Instant.now());

    hearAgain(published);

    assertThat(sequences(ALL)).containsExactlyElementsOf(numbers(1, ALL));
    assertThat(producer().producerId()).isEqualTo(before.producerId());
  }

  /**
   * A broker forgets the state of a producer some time after the timestamp of its last record. The
   * timestamps are the times of the events, so it soon forgets a producer that sent only old
   * events.
   */
  @Test
  void oldEventsThatTheBrokerCouldNotConfirmMayBeWrittenTwiceAndStayInOrder() throws Exception {
    var published = publishUnheard(Instant.now().minus(Duration.ofDays(2)));
    awaitForgotten();

    hearAgain(published);

    assertThat(sequences(ALL + 1).stream().distinct()).containsExactlyElementsOf(numbers(1, ALL));
  }

  /**
   * Publishes events, and returns once the broker has written the first one; its confirm is lost.
   */
  private List<Future<Void>> publishUnheard(Instant time) throws Exception {
    proxy().blackHole(Direction.TO_CLIENT);
    var published =
        events(FIRST + 1, ALL, time).stream().map(event -> publish(publisher, event)).toList();
    while (end() == FIRST) {
      LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
    }
    return published;
  }

  private void hearAgain(List<Future<Void>> published) {
    proxy().cut();
    proxy().heal();
    await(Future.all(published));
  }

  private long end() throws Exception {
    var latest = admin.listOffsets(Map.of(partition, OffsetSpec.latest()));
    return latest.partitionResult(partition).get().offset();
  }

  private void awaitForgotten() throws ExecutionException, InterruptedException {
    while (findProducer().isPresent()) {
      LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
    }
  }

  /** The client begins a new epoch and numbers its records from 0 again. */
  @Test
  void aProducerThatIsOutOfSequenceKeepsTheOrder() throws Exception {
    var before = producer();
    new ProducerDouble(kafka.host(), kafka.port()).writeInTheNameOf(before, topic, 1_000);

    publishTheRest();

    var after = producer();
    assertThat(after.producerId()).isEqualTo(before.producerId());
    assertThat(after.producerEpoch()).isGreaterThan(before.producerEpoch());
    assertThat(sequences(ALL + 1_000)).containsExactlyElementsOf(numbers(1, ALL));
  }

  /**
   * The next producer has another id, and sends only events that are published after the failure.
   */
  @Test
  void aProducerThatIsFencedKeepsTheOrder() throws Exception {
    var before = producer();
    new ProducerDouble(kafka.host(), kafka.port()).writeAsASuccessorOf(before, topic);

    var refused = publish(publisher, events(FIRST + 1, FIRST + 1, Instant.now()).get(0));
    assertThatThrownBy(() -> await(refused))
        .isInstanceOf(Retryable.class)
        .hasMessageContaining("old epoch");
    publishTheRest();

    assertThat(producers()).hasSize(2).anyMatch(one -> one.producerId() != before.producerId());
    assertThat(sequences(ALL + 1)).containsExactlyElementsOf(numbers(1, ALL));
  }

  private static FaultProxy proxy() {
    return kafka.detours().get(0);
  }

  private void publishTheRest() {
    var outcome = publishLikeTheRelay(publisher, events(FIRST + 1, ALL, Instant.now()));
    assertThat(outcome.confirmed()).hasSize(ALL - FIRST);
  }

  private static List<OutboxEvent> events(int first, int last, Instant time) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(
            seq ->
                OutboxEvent.builder(seq, UUID.randomUUID())
                    .aggregate("order", "order-1")
                    .type("OrderPlaced")
                    .payload(Buffer.buffer("{}"), "application/json")
                    .createdAt(time)
                    .build())
        .toList();
  }

  private static List<String> numbers(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
  }

  /** Returns the sequence numbers of the records that the relay wrote, in the broker's order. */
  private List<String> sequences(int count) {
    return consume(topic, count).stream()
        .map(message -> message.headers().get("event-sequence"))
        .filter(Objects::nonNull)
        .toList();
  }

  private ProducerState producer() throws ExecutionException, InterruptedException {
    return findProducer().orElseThrow();
  }

  private Optional<ProducerState> findProducer() throws ExecutionException, InterruptedException {
    return producers().stream().findFirst();
  }

  private List<ProducerState> producers() throws ExecutionException, InterruptedException {
    return admin
        .describeProducers(List.of(partition))
        .partitionResult(partition)
        .get()
        .activeProducers();
  }

  private static void expireProducersAfter(Duration silence)
      throws ExecutionException, InterruptedException {
    var everyBroker = new ConfigResource(ConfigResource.Type.BROKER, "");
    var entry = new ConfigEntry("producer.id.expiration.ms", Long.toString(silence.toMillis()));
    var change = new AlterConfigOp(entry, AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(everyBroker, List.of(change))).all().get();
  }
}

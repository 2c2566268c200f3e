package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.KafkaServer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** If an event exceeds any limit on the size of a message, this event alone is rejected. */
class KafkaSizesIT extends KafkaFixture {
  private static final int BROKERS_LIMIT = 20_000;

  /** A payload above the broker's limit; the producer does not compress it by default. */
  private static final String LARGE = "x".repeat(2 * BROKERS_LIMIT);

  @BeforeAll
  static void startABrokerThatTakesLittle() {
    kafka = KafkaServer.builder().setting("message.max.bytes", BROKERS_LIMIT).start();
  }

  @Test
  void theBrokersLimitRejects() {
    rejects(kafka.newDestination(), Map.of(), "max.message.bytes");
  }

  @Test
  void theTopicsLimitRejects() {
    String topic = kafka.newDestination(Map.of("max.message.bytes", 1_000));
    rejects(topic, Map.of(), "max.message.bytes");
  }

  @Test
  void theSizeOfASegmentRejects() {
    String topic =
        kafka.newDestination(Map.of("segment.bytes", 1 << 20, "max.message.bytes", 8_000_000));
    var publisher = connect(destinationSetting(topic), Map.of("max.request.size", 8_000_000));
    var large = event(2, "order-2", Buffer.buffer(new byte[1_900_000]));

    var before = publish(publisher, event(1, "order-1"));
    var refused = publish(publisher, large);

    assertThatThrownBy(() -> await(refused))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("1.8 MiB of payload")
        .hasMessageContaining("segment.bytes");
    retried(publisher, before, event(1, "order-1"));
  }

  @Test
  void batchesLargerThanASegmentWaitForAnotherSetting() {
    String topic =
        kafka.newDestination(Map.of("segment.bytes", 1 << 20, "max.message.bytes", 8_000_000));
    var publisher =
        connect(
            destinationSetting(topic),
            Map.of("max.request.size", 8_000_000, "batch.size", 4_000_000));
    var events =
        IntStream.rangeClosed(1, 4)
            .mapToObj(seq -> event(seq, "order-" + seq, Buffer.buffer(new byte[900_000])))
            .toArray(OutboxEvent[]::new);

    var published = publishTogether(publisher, events);

    assertThat(published)
        .filteredOn(outcome -> failure(outcome) != null)
        .isNotEmpty()
        .allSatisfy(
            outcome ->
                assertThat(failure(outcome))
                    .isInstanceOf(Retryable.class)
                    .hasMessageContaining("kafka.batch.size"));
  }

  private @Nullable Throwable failure(Future<Void> outcome) {
    return await(outcome.map(done -> (Throwable) null).otherwise(failure -> failure));
  }

  @Test
  void theClientsLimitOfARequestRejects() {
    rejects(kafka.newDestination(), Map.of("max.request.size", 10_000), "max.request.size");
  }

  @Test
  void theClientsBufferRejects() {
    rejects(
        kafka.newDestination(),
        Map.of("buffer.memory", 30_000, "batch.size", 1_000),
        "buffer.memory");
  }

  @Test
  void aTopicsNameThatIsTooLongRejects() {
    String topic = kafka.newDestination();
    var publisher = connect(destinationSetting("${headers.to}"));

    var refused = publish(publisher, event(1, "order-1", Map.of("to", "t".repeat(300))));
    var other = publish(publisher, event(2, "order-2", Map.of("to", topic)));

    assertThatThrownBy(() -> await(refused)).isInstanceOf(Rejected.class);
    await(other);
  }

  private void rejects(String topic, Map<String, Object> settings, String named) {
    var publisher = connect(destinationSetting(topic), settings);

    var before = publish(publisher, event(1, "order-1"));
    var refused = publish(publisher, large(2));
    var after = publish(publisher, event(3, "order-3"));

    assertThatThrownBy(() -> await(refused))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining(named);
    retried(publisher, before, event(1, "order-1"));
    retried(publisher, after, event(3, "order-3"));
  }

  /**
   * Publishes an event again as the relay does, because it may have failed beside a refused one.
   */
  private void retried(Publisher publisher, Future<Void> outcome, OutboxEvent again) {
    await(outcome.recover(failure -> publish(publisher, again)));
  }

  private static OutboxEvent large(long seq) {
    return event(seq, "order-" + seq, Map.of("large", LARGE));
  }
}

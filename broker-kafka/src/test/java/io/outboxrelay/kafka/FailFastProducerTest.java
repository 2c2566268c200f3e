package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** A mock producer gives Kafka's answers one at a time. */
class FailFastProducerTest {
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final List<FailFastProducer> broken = new ArrayList<>();
  private final Executor atOnce = Runnable::run;
  private final FailFastProducer producer =
      new FailFastProducer(
          kafka, new ExceptionMapper(config()), atOnce, broken::add, new PartitionGrowth());

  @Test
  void aConfirmIsReported() throws Exception {
    var delivery = send(1);

    onKafkasThread(kafka::completeNext);

    assertThat(delivery.future().succeeded()).isTrue();
    assertThat(broken).isEmpty();
  }

  @Test
  void nothingBehindAFailureCountsAsConfirmed() throws Exception {
    var first = send(1);
    var second = send(2);
    var third = send(3);

    onKafkasThread(
        () -> {
          kafka.completeNext();
          kafka.errorNext(new TimeoutException("expired"));
          kafka.completeNext();
        });

    assertThat(broken).containsExactly(producer);
    assertThat(kafka.closed()).isTrue();
    assertThat(first.future().succeeded()).isTrue();
    assertThat(second.future().isComplete()).as("reported together with what follows").isFalse();
    producer.close(Duration.ZERO).forEach(PendingPublish::run);
    assertThat(second.future().cause())
        .isInstanceOf(PublishException.Retryable.class)
        .hasMessageContaining("the topic orders was not reached: expired");
    assertThat(third.future().cause())
        .isInstanceOf(PublishException.Retryable.class)
        .hasMessageContaining("behind an event that failed");
  }

  /** {@link KafkaSequencesIT} provokes these errors on a real broker. */
  @Test
  void aProducerThatIsFencedOrOutOfSequenceEndsAndItsEventsAreTriedAgain() throws Exception {
    for (var failure :
        List.of(
            new OutOfOrderSequenceException("out of order"),
            new UnknownProducerIdException("unknown"),
            new InvalidProducerEpochException("old epoch"),
            new ProducerFencedException("fenced"))) {
      var mock =
          new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
      var ended = new ArrayList<FailFastProducer>();
      var one =
          new FailFastProducer(
              mock, new ExceptionMapper(config()), atOnce, ended::add, new PartitionGrowth());
      var delivery = new PendingPublish(event(1, "order-1"));
      one.send(new ProducerRecord<>("orders", new byte[1]), delivery);

      onKafkasThread(() -> mock.errorNext(failure));

      assertThat(ended).containsExactly(one);
      one.close(Duration.ZERO).forEach(PendingPublish::run);
      assertThat(delivery.future().cause()).isInstanceOf(PublishException.Retryable.class);
    }
  }

  @Test
  void aRefusalOnTheSpotEndsNothing() throws Exception {
    var first = send(1);
    kafka.sendException = new RecordTooLargeException("too large");

    assertThatThrownBy(() -> send(2)).isInstanceOf(RecordTooLargeException.class);

    kafka.sendException = null;
    var third = send(3);
    onKafkasThread(
        () -> {
          kafka.completeNext();
          kafka.completeNext();
        });
    assertThat(first.future().succeeded()).isTrue();
    assertThat(third.future().succeeded()).isTrue();
    assertThat(broken).isEmpty();
  }

  private PendingPublish send(long seq) {
    var delivery = new PendingPublish(event(seq, "order-1"));
    producer.send(new ProducerRecord<>("orders", new byte[1]), delivery);
    return delivery;
  }

  private static void onKafkasThread(Runnable action) throws InterruptedException {
    var done = new CountDownLatch(1);
    var thread =
        new Thread(
            () -> {
              action.run();
              done.countDown();
            });
    thread.start();
    done.await();
  }

  private static KafkaConfig config() {
    return KafkaConfig.from(Settings.of("test", Map.of("bootstrap.servers", "localhost:9092")));
  }
}

package io.outboxrelay.kafka;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.publish.PublishException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Metric;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka producer that stops if it has accepted an event and then cannot deliver it.
 *
 * <p>Kafka's own producer would continue with later events, and they would overtake the failed one.
 * After a failure, this producer sends nothing more, and all its unconfirmed events fail, normally
 * as {@link PublishException.Retryable}. An event that the producer refuses to accept never reached
 * a broker, so it does not stop the producer.
 *
 * <p>All methods except {@link #close} are for one thread.
 */
final class FailFastProducer {
  /**
   * The time after its last event for which a topic counts as known, in nanoseconds. It is shorter
   * than Kafka's default of {@code metadata.max.idle.ms}, which is five minutes.
   */
  private static final long KNOWN_NANOS = Duration.ofMinutes(4).toNanos();

  private final Producer<byte[], byte[]> producer;
  private final ExceptionMapper failures;
  private final Executor reports;
  private final Consumer<FailFastProducer> onBroken;
  private final List<PendingPublish> failed = new ArrayList<>();
  private final TopicStallDetector traffic = new TopicStallDetector();
  private final PartitionGrowth growth;
  private final Map<String, KnownTopic> known = new HashMap<>();
  private @Nullable Thread sender;
  private @Nullable RuntimeException refusal;
  private volatile @Nullable FirstFailure firstFailure;
  private @Nullable String brokenBy;
  private volatile boolean closing;
  private @Nullable Metric refusalCount;

  /** A topic of which the producer has the metadata. */
  private static final class KnownTopic {
    private final PartitionGrowth.Known partitions;
    private long usedAt = System.nanoTime();

    KnownTopic(PartitionGrowth.Known partitions) {
      this.partitions = partitions;
    }
  }

  /**
   * The failure that stopped the producer, and the topic of the event that failed; the topic is
   * empty if the credentials were refused.
   */
  record FirstFailure(Throwable failure, String topic) {}

  /**
   * @param reports runs the reports of confirmed events
   * @param onBroken called when the producer has stopped after a failure; it may be called on any
   *     thread and twice
   * @param growth records the number of partitions of each topic
   */
  FailFastProducer(
      Producer<byte[], byte[]> producer,
      ExceptionMapper failures,
      Executor reports,
      Consumer<FailFastProducer> onBroken,
      PartitionGrowth growth) {
    this.growth = growth;
    this.producer = producer;
    this.failures = failures;
    this.reports = reports;
    this.onBroken = onBroken;
  }

  /**
   * Sends an event; may block while the topic is unknown or the buffer is full.
   *
   * @throws RuntimeException if Kafka does not accept the event; the exception is Kafka's, and
   *     {@code delivery} then gets no outcome
   */
  void send(ProducerRecord<byte[], byte[]> record, PendingPublish delivery) {
    sender = Thread.currentThread();
    refusal = null;
    var count = traffic.of(record.topic());
    count.sent();
    var topic = known.get(record.topic());
    var partitions = topic == null ? null : topic.partitions;
    var unused =
        producer.send(
            record,
            (metadata, failure) -> {
              if (failure == null && partitions != null) {
                partitions.stored(metadata.partition());
              }
              completed(delivery, count, metadata, failure);
            });
    if (refusal != null) {
      throw refusal;
    }
  }

  /**
   * Stops the producer if the events of one topic have got no answer for a long time while events
   * of other topics have. All unconfirmed events fail, and {@link #firstFailure} names the topic.
   */
  void endIfStalled() {
    traffic
        .stalled()
        .ifPresent(
            topic -> {
              if (firstFailure == null) {
                firstFailure = new FirstFailure(failures.stalled(topic), topic);
                producer.close(Duration.ZERO);
                // If every event was answered before the close, no failed event reports the stop,
                // so it is reported here.
                onBroken.accept(this);
              }
            });
  }

  /**
   * Stops the producer if a broker has refused its credentials. A producer keeps the credentials
   * with which it was created, so this producer would retry its accepted events for ever. The next
   * producer reads the credentials again.
   */
  void endIfRefused() {
    if (refusals().filter(count -> count > 0).isPresent() && firstFailure == null) {
      firstFailure = new FirstFailure(failures.credentialsReplaced(), "");
      producer.close(Duration.ZERO);
      onBroken.accept(this);
    }
  }

  private Optional<Double> refusals() {
    if (refusalCount == null) {
      producer.metrics().values().stream()
          .filter(metric -> metric.metricName().name().equals("failed-authentication-total"))
          .filter(metric -> metric.metricName().group().equals("producer-metrics"))
          .findFirst()
          .ifPresent(metric -> refusalCount = metric);
    }
    return Optional.ofNullable(refusalCount).map(metric -> (Double) metric.metricValue());
  }

  /**
   * Handles the answer to one event. Runs on Kafka's own thread, or on the sending thread if the
   * producer does not accept the event.
   */
  private void completed(
      PendingPublish delivery,
      TopicStallDetector.Count count,
      RecordMetadata metadata,
      @Nullable Exception failure) {
    count.answered();
    if (failure != null && Thread.currentThread() == sender) {
      refusal = failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
    } else if (brokenBy != null) {
      failed.add(delivery.failed(afterTheFirst(delivery, failure, metadata, brokenBy)));
    } else if (failure != null) {
      var outcome =
          closing ? failures.closed() : failures.of(failure, metadata.topic(), delivery.event());
      failed.add(delivery.failed(outcome));
      if (firstFailure == null) {
        firstFailure = new FirstFailure(failure, metadata.topic());
      }
      brokenBy = String.valueOf(outcome.getMessage());
      producer.close(Duration.ZERO);
      onBroken.accept(this);
    } else {
      reports.execute(delivery.stored(metadata));
    }
  }

  /**
   * Returns the failure of an event that is answered after the first failure. Such an event is
   * published again even if Kafka has stored it, because it may have overtaken the failed event.
   *
   * <p>If Kafka refuses single records of a batch, it fails all records of the batch in their
   * order, so valid records may come before the refused one. The refused event is rejected at once
   * if no earlier event of its aggregate has failed, because otherwise the batch would fail again
   * and again.
   */
  private PublishException afterTheFirst(
      PendingPublish delivery, @Nullable Exception failure, RecordMetadata metadata, String cause) {
    if (failure != null && isFirstOfItsAggregate(delivery)) {
      var outcome = failures.of(failure, metadata.topic(), delivery.event());
      if (outcome instanceof PublishException.Rejected) {
        return outcome;
      }
    }
    return failures.behindAFailure(cause);
  }

  private boolean isFirstOfItsAggregate(PendingPublish delivery) {
    String aggregate = delivery.event().aggregateId();
    return failed.stream().noneMatch(other -> other.event().aggregateId().equals(aggregate));
  }

  /**
   * Returns the failure that stopped the producer; empty if it has not stopped, or if only {@link
   * #close} ended it.
   */
  Optional<FirstFailure> firstFailure() {
    return Optional.ofNullable(firstFailure);
  }

  /**
   * Returns true if an event for the topic can be sent without waiting for the topic's metadata. A
   * topic counts as known for {@link #KNOWN_NANOS}, which is shorter than the time after which
   * Kafka's producer forgets a topic that it has not used ({@code metadata.max.idle.ms}).
   */
  boolean knows(String topic) {
    var found = known.get(topic);
    if (found == null) {
      return false;
    }
    long now = System.nanoTime();
    if (now - found.usedAt > KNOWN_NANOS) {
      known.remove(topic);
      return false;
    }
    found.usedAt = now;
    return true;
  }

  /**
   * Records that the metadata of a topic has arrived; call it after {@link #lookUp} has returned.
   */
  void learn(String topic) {
    // Does not block, because the metadata is there.
    known.put(topic, new KnownTopic(growth.lookedUp(topic, lookUp(topic))));
  }

  /**
   * Loads the topic's metadata; blocks and throws as {@link #send} does.
   *
   * @return the number of the topic's partitions
   */
  int lookUp(String topic) {
    return producer.partitionsFor(topic).size();
  }

  /**
   * Fails if the record names a partition that its topic does not have. Kafka's producer would wait
   * for such a partition, and all other events would wait too.
   *
   * @throws PublishException.Rejected if the topic has no such partition; the topic must be known
   */
  void requirePartition(ProducerRecord<byte[], byte[]> record) {
    if (record.partition() == null) {
      return;
    }
    int partitions = lookUp(record.topic());
    if (record.partition() >= partitions) {
      throw new PublishException.Rejected(
          "it names the partition %d, and the topic %s has %s, from 0"
              .formatted(
                  record.partition(), record.topic(), CountFormat.of(partitions, "partition")),
          null);
    }
  }

  /**
   * Forgets the topics that had no event for {@link #KNOWN_NANOS}, so that the memory for topics is
   * bounded.
   */
  void forgetIdleTopics() {
    long now = System.nanoTime();
    known.values().removeIf(topic -> now - topic.usedAt > KNOWN_NANOS);
    traffic.forgetIdle(now, KNOWN_NANOS);
  }

  /**
   * Waits for the confirms of the events in flight. If an event is not confirmed in time, it fails.
   * When this method returns, no event is in flight.
   *
   * @return the failed events, starting with the one that stopped the producer; their failures are
   *     not reported yet, so that the caller can report them together
   */
  List<PendingPublish> close(Duration timeout) {
    closing = true;
    producer.close(timeout);
    return failed;
  }
}

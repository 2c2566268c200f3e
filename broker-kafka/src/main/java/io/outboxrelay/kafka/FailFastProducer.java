package io.outboxrelay.kafka;

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
 * A Kafka producer that ends with the first event that it accepted and could not deliver.
 *
 * <p>Left alone, Kafka goes on with what follows, and so overtakes the event that failed. This one
 * then sends nothing more, and everything it has not confirmed yet fails as {@link
 * PublishException.Retryable}. An event that it does not accept in the first place is not on its
 * way to any broker, and ends nothing.
 *
 * <p>All methods but {@link #close} are for one thread.
 */
final class FailFastProducer {
  /** Kafka's default of {@code metadata.max.idle.ms} is five minutes. */
  private static final long KNOWN_NANOS = Duration.ofMinutes(4).toNanos();

  private final Producer<byte[], byte[]> producer;
  private final ExceptionMapper failures;
  private final Executor reports;
  private final Consumer<FailFastProducer> onBroken;
  private final List<PendingPublish> failed = new ArrayList<>();
  private final TopicStallDetector traffic = new TopicStallDetector();
  private final Map<String, long[]> lastUse = new HashMap<>();
  private @Nullable Thread sender;
  private @Nullable RuntimeException refusal;
  private volatile @Nullable Culprit culprit;
  private @Nullable String brokenBy;
  private volatile boolean closing;
  private @Nullable Metric refusalCount;

  /** What the broker refused first, and for which topic. */
  record Culprit(Throwable failure, String topic) {}

  /**
   * @param reports where to report what is confirmed
   * @param onBroken told when it has ended, on any thread and possibly twice
   */
  FailFastProducer(
      Producer<byte[], byte[]> producer,
      ExceptionMapper failures,
      Executor reports,
      Consumer<FailFastProducer> onBroken) {
    this.producer = producer;
    this.failures = failures;
    this.reports = reports;
    this.onBroken = onBroken;
  }

  /**
   * Sends an event; may block while the topic is unknown or the buffer is full.
   *
   * @throws RuntimeException Kafka's reason for not accepting it; the delivery is not reported then
   */
  void send(ProducerRecord<byte[], byte[]> record, PendingPublish delivery) {
    sender = Thread.currentThread();
    refusal = null;
    var count = traffic.of(record.topic());
    count.sent();
    var unused =
        producer.send(record, (metadata, failure) -> completed(delivery, count, metadata, failure));
    if (refusal != null) {
      throw refusal;
    }
  }

  /**
   * Ends where events for one topic have not been answered for long, though others were: what it
   * has not confirmed fails, and the topic is the culprit.
   */
  void endIfStalled() {
    traffic
        .stalled()
        .ifPresent(
            topic -> {
              if (culprit == null) {
                culprit = new Culprit(failures.stalled(topic), topic);
                producer.close(Duration.ZERO);
                // If everything was answered before the close, no event fails to report the end.
                onBroken.accept(this);
              }
            });
  }

  /**
   * Ends if a broker has refused its credentials: it would wait for ever for what it has accepted,
   * because it keeps those that it was made with. The next producer reads them again.
   */
  void endIfRefused() {
    if (refusals().filter(count -> count > 0).isPresent() && culprit == null) {
      culprit = new Culprit(failures.credentialsReplaced(), "");
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

  /** Runs on Kafka's own thread, except where the producer refuses an event handed over to it. */
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
      if (culprit == null) {
        culprit = new Culprit(failure, metadata.topic());
      }
      brokenBy = String.valueOf(outcome.getMessage());
      producer.close(Duration.ZERO);
      onBroken.accept(this);
    } else {
      reports.execute(delivery.stored(metadata));
    }
  }

  /**
   * The outcome of an event behind the first failure. It is published again even if Kafka has it,
   * because it may have overtaken the one that failed. But if Kafka refuses single records of a
   * batch, it fails the whole batch in the order of its records, so the refused record may come
   * behind an innocent one: it is rejected at once, or the batch would fail again and again.
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

  /** What ended it; empty where it has not ended, or only by {@link #close}. */
  Optional<Culprit> culprit() {
    return Optional.ofNullable(culprit);
  }

  /**
   * Whether an event for the topic is sent without waiting for the topic's metadata. Kafka's
   * producer forgets a topic that it has not used for {@code metadata.max.idle.ms}, so a topic
   * counts as known for less than that.
   */
  boolean knows(String topic) {
    var used = lastUse.get(topic);
    if (used == null) {
      return false;
    }
    long now = System.nanoTime();
    if (now - used[0] > KNOWN_NANOS) {
      lastUse.remove(topic);
      return false;
    }
    used[0] = now;
    return true;
  }

  /** Notes that a topic's metadata has arrived. */
  void learn(String topic) {
    lastUse.put(topic, new long[] {System.nanoTime()});
  }

  /** Asks for a topic; blocks like {@link #send}, and throws what that would. */
  void lookUp(String topic) {
    producer.partitionsFor(topic);
  }

  /**
   * Waits for what is on its way, and fails what is not confirmed in time. Nothing is in flight
   * when it returns.
   *
   * @return what failed, from the event that broke the producer on; not reported yet, so that the
   *     caller of the first one hears of all together
   */
  List<PendingPublish> close(Duration timeout) {
    closing = true;
    producer.close(timeout);
    return failed;
  }
}

package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublishException.Retryable;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends events in the order they came, on a thread of its own: Kafka's producer may block while it
 * is handed an event, and handing each to a worker pool, as the Kafka client of Vert.x does, costs
 * more than sending it.
 *
 * <p>Once an event has failed, no event of its aggregate is sent that was published before the
 * failure was reported; a caller that publishes them again keeps the aggregate's order.
 */
final class SendingThread {
  private final KafkaConfig config;
  private final Records records;
  private final Failures failures;
  private final ProducerFactory producers;
  private final ThreadPoolExecutor thread;
  private final Executor tasks;
  private final Executor reports;
  private final HeldAggregates held = new HeldAggregates();
  private final MissingTopics missing;
  private volatile @Nullable StrictProducer producer;
  private volatile boolean overdue;
  private boolean replacing;

  /**
   * @param producer the first one; it is replaced when it breaks
   * @param reports where outcomes are reported, in order
   */
  SendingThread(
      Vertx vertx,
      KafkaConfig config,
      ProducerFactory producers,
      StrictProducer producer,
      Executor reports) {
    this.config = config;
    this.producers = producers;
    this.producer = producer;
    this.reports = reports;
    records = new Records(config);
    failures = new Failures(config);
    thread = newThread();
    tasks = new Burst(thread);
    missing = new MissingTopics(vertx, tasks, failures);
  }

  private static ThreadPoolExecutor newThread() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> {
          var thread = new Thread(task, "kafka-sending");
          thread.setDaemon(true);
          return thread;
        },
        // Only an answer about a missing topic can come after the end, and nobody waits for it.
        new ThreadPoolExecutor.DiscardPolicy());
  }

  void send(Delivery delivery) {
    tasks.execute(() -> sendNow(delivery));
  }

  private void sendNow(Delivery delivery) {
    var event = delivery.event();
    try {
      held.check(event);
      String topic = config.topicOf(event);
      var current = producer();
      missing.check(topic, current);
      try {
        current.send(records.of(event, topic), delivery);
      } catch (RuntimeException e) {
        refuse(delivery, notAccepted(e, topic, event));
      }
    } catch (PublishException e) {
      refuse(delivery, e);
    }
  }

  private PublishException notAccepted(RuntimeException failure, String topic, OutboxEvent event) {
    if (Failures.isUnknownTopic(failure)) {
      missing.add(topic, failure);
      return failures.unknownTopic(topic, failure);
    }
    return failures.of(failure, topic, event);
  }

  private void refuse(Delivery delivery, PublishException failure) {
    held.hold(delivery);
    reports.execute(
        () -> {
          tasks.execute(() -> held.release(delivery));
          delivery.failed(failure).run();
        });
  }

  private StrictProducer producer() {
    var current = producer;
    if (overdue) {
      throw new Retryable("the publisher was closed before Kafka confirmed it", null);
    }
    if (replacing) {
      throw new Retryable("was published behind an event that failed", null);
    }
    if (current == null) {
      current = producers.create(reports);
      producer = current;
    } else if (current.isBroken()) {
      throw replace(current);
    }
    return current;
  }

  /**
   * Ends a broken producer. The next one starts behind all that was published before the last
   * failure was reported, or a later event of a failed one's aggregate could go out through it.
   */
  private Retryable replace(StrictProducer broken) {
    replacing = true;
    broken.close(Duration.ZERO);
    producer = null;
    reports.execute(() -> tasks.execute(() -> replacing = false));
    return failures.behindAFailure(broken.brokenBy());
  }

  /**
   * Sends what is waiting, waits for the confirms, and ends the thread; then reports {@code end}.
   */
  void close(Duration timeout, Runnable end) {
    tasks.execute(
        () -> {
          var last = producer;
          if (last != null) {
            last.close(timeout);
          }
          reports.execute(
              () -> {
                thread.shutdown();
                end.run();
              });
        });
  }

  /** Ends the waiting of {@link #close}: what is not confirmed by now fails. Blocks. */
  void hurry() {
    overdue = true;
    var last = producer;
    if (last != null) {
      last.close(Duration.ZERO);
    }
  }
}

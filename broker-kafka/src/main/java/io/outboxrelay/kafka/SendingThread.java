package io.outboxrelay.kafka;

import io.outboxrelay.publish.BatchingExecutor;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.PublishException.Retryable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events in the order in which they were published, on one thread of its own. Kafka's
 * producer may block while it accepts an event, so the event loop must not call it. The Kafka
 * client of Vert.x uses a worker pool instead, which costs more for each event than sending the
 * event.
 *
 * <p>If an event fails, the later events of its aggregate that are published before the failure is
 * reported fail too. If the caller then publishes these events again in order, the aggregate's
 * order is kept.
 */
final class SendingThread {
  private static final Logger LOG = LoggerFactory.getLogger(SendingThread.class);

  /**
   * The time after a failed look-up in which the warm-up looks up no topic. Looking up a missing
   * topic blocks this thread for seconds, and an event to publish would have to wait.
   */
  private static final Duration NO_LOOK_AHEAD_AFTER_A_FAILURE = Duration.ofMinutes(10);

  private final KafkaConfig config;
  private final TopicNames topics;
  private final MessageFactory records;
  private final ExceptionMapper failures;
  private final KafkaProducerFactory producers;
  private final ThreadPoolExecutor thread;
  private final Executor tasks;
  private final Executor reports;
  private final HeldAggregates held = new HeldAggregates();
  private final UnavailableTopics unavailable;
  private final TopicLookUps lookUps;
  private volatile @Nullable FailFastProducer producer;
  private volatile boolean overdue;
  private boolean replacing;
  private long lookAheadFrom = System.nanoTime();

  /**
   * @param reports runs the reports of outcomes, in order
   * @param growth records the number of partitions of each topic
   */
  SendingThread(KafkaConfig config, Executor reports, PartitionGrowth growth) {
    this.config = config;
    this.reports = reports;
    producers = new KafkaProducerFactory(config, growth);
    topics = new TopicNames(config.routing().topic());
    records = new MessageFactory(config);
    failures = new ExceptionMapper(config);
    thread = newThread();
    tasks = new BatchingExecutor(thread);
    unavailable = new UnavailableTopics(tasks, this::existing);
    lookUps = new TopicLookUps(tasks, this::lookedUp);
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
        // After close, only the answer of a topic look-up can arrive, and no event waits for it.
        new ThreadPoolExecutor.DiscardPolicy());
  }

  /**
   * Creates the first producer; if a producer breaks later, it is replaced. Blocks.
   *
   * @throws PublishException if no producer can be created
   */
  void start() {
    producer = newProducer();
  }

  private FailFastProducer newProducer() {
    return producers.create(reports, broken -> tasks.execute(() -> replace(broken)));
  }

  void send(PendingPublish delivery) {
    tasks.execute(() -> sendNow(delivery));
  }

  /** Loads the metadata of the event's topic; failures are ignored. */
  void warmUp(OutboxEvent event) {
    tasks.execute(() -> warmUpNow(event));
  }

  private void warmUpNow(OutboxEvent event) {
    if (System.nanoTime() - lookAheadFrom < 0) {
      return;
    }
    try {
      String topic = topics.of(event);
      // The record is not sent. Building a record here loads the classes that are needed for it.
      records.of(event, topic);
      var current = producer();
      if (!current.knows(topic)) {
        current.lookUp(topic);
        current.learn(topic);
      }
    } catch (RuntimeException e) {
      lookAheadFrom = System.nanoTime() + NO_LOOK_AHEAD_AFTER_A_FAILURE.toNanos();
      LOG.debug(
          "a look-up for the warm-up failed, so no topic is looked up ahead for {}",
          NO_LOOK_AHEAD_AFTER_A_FAILURE,
          e);
    }
  }

  private void sendNow(PendingPublish delivery) {
    var event = delivery.event();
    try {
      held.check(event);
      if (lookUps.follows(delivery)) {
        return;
      }
      String topic = topics.of(event);
      var current = producer();
      unavailable.check(topic);
      if (current.knows(topic)) {
        send(delivery, topic, current);
      } else {
        lookUps.begin(topic, delivery, () -> current.lookUp(topic));
      }
    } catch (PublishException e) {
      refuse(delivery, e);
    }
  }

  private void send(PendingPublish delivery, String topic, FailFastProducer current) {
    var record = record(delivery.event(), topic);
    current.requirePartition(record);
    try {
      current.send(record, delivery);
    } catch (RuntimeException e) {
      refuse(delivery, notAccepted(e, topic, delivery.event()));
    }
  }

  /**
   * Builds the record. An unexpected exception concerns this event only, so the event is rejected.
   */
  private ProducerRecord<byte[], byte[]> record(OutboxEvent event, String topic) {
    try {
      return records.of(event, topic);
    } catch (PublishException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new Rejected("it cannot become a Kafka record: " + e, e);
    }
  }

  /**
   * Sends the events that waited for a topic, in order. If the look-up failed, fails them instead.
   */
  private void lookedUp(
      String topic, List<PendingPublish> waiting, @Nullable RuntimeException failure) {
    var current = producer;
    if (failure == null && current != null) {
      current.learn(topic);
    }
    for (var delivery : waiting) {
      if (failure == null) {
        sendNow(delivery);
      } else {
        refuseUnknown(delivery, topic, failure);
      }
    }
  }

  private void refuseUnknown(PendingPublish delivery, String topic, RuntimeException failure) {
    try {
      held.check(delivery.event());
      refuse(delivery, notAccepted(failure, topic, delivery.event()));
    } catch (PublishException e) {
      refuse(delivery, e);
    }
  }

  private PublishException notAccepted(RuntimeException failure, String topic, OutboxEvent event) {
    if (ExceptionMapper.isUnknownTopic(failure)) {
      var unknown = failures.unknownTopic(topic, failure);
      unavailable.addUnknown(topic, unknown);
      return unknown;
    }
    markIfDenied(failure, topic);
    return failures.of(failure, topic, event);
  }

  /**
   * Makes the topic unavailable if the relay may not write to it. The broker would refuse the next
   * event and so stop the producer. Therefore no event is sent until a query of the topic's
   * permissions allows it.
   */
  private void markIfDenied(Throwable failure, String topic) {
    if (failure instanceof TopicAuthorizationException) {
      unavailable.add(topic, failures.denied(topic, failure), () -> verifyAllowed(topic));
    }
  }

  private void markUnavailable(FailFastProducer.FirstFailure first) {
    String topic = first.topic();
    markIfDenied(first.failure(), topic);
    if (first.failure() instanceof Retryable stalled && !topic.isEmpty()) {
      unavailable.add(topic, stalled, () -> verifyServed(topic, stalled));
    }
  }

  private Set<String> existing(Collection<String> topics) {
    return ClusterInspector.using(config, cluster -> cluster.existing(topics));
  }

  private void verifyServed(String topic, Retryable stalled) {
    if (!ClusterInspector.using(config, cluster -> cluster.serves(topic))) {
      throw stalled;
    }
  }

  /**
   * Stops the producer if its credentials were refused or if Kafka has stopped answering for one
   * topic. Call it about once a second.
   */
  void watch() {
    tasks.execute(
        () -> {
          var current = producer;
          if (current != null) {
            current.endIfRefused();
            current.endIfStalled();
            current.forgetIdleTopics();
          }
        });
  }

  private void verifyAllowed(String topic) {
    var found = ClusterInspector.using(config, cluster -> cluster.topic(topic));
    if (!found.map(ClusterInspector::allowsToWrite).orElse(true)) {
      throw failures.denied(topic, null);
    }
  }

  private void refuse(PendingPublish delivery, PublishException failure) {
    held.hold(delivery);
    reports.execute(
        () -> {
          tasks.execute(() -> held.release(delivery));
          delivery.failed(failure).run();
        });
  }

  private FailFastProducer producer() {
    var current = producer;
    if (overdue) {
      throw failures.closed();
    }
    if (replacing) {
      throw new Retryable("was not sent, because an event before it failed", null);
    }
    if (current == null) {
      current = newProducer();
      producer = current;
    }
    return current;
  }

  /**
   * Replaces a broken producer. First, all events fail that were published before the failures were
   * reported; only then is the next producer created. Otherwise the next producer could send a
   * later event of a failed event's aggregate.
   */
  private void replace(FailFastProducer broken) {
    if (producer == broken) {
      replacing = true;
      producer = null;
      var failed = broken.close(Duration.ZERO);
      var cause = broken.firstFailure();
      cause.ifPresent(this::markUnavailable);
      // Events that wait for their topics fail too, because a failed event may belong to the
      // aggregate of one of them.
      var behind =
          failures.behindAFailure(
              cause
                  .map(found -> "one for the topic " + found.topic())
                  .orElse("of the same producer"));
      lookUps.cancel().forEach(waiting -> failed.add(waiting.failed(behind)));
      reports.execute(
          () -> {
            failed.forEach(PendingPublish::run);
            tasks.execute(() -> replacing = false);
          });
    }
  }

  /** Waits for the confirms of the events in flight and ends the thread; then runs {@code end}. */
  void close(Duration timeout, Runnable end) {
    tasks.execute(
        () -> {
          var last = producer;
          var failed = last == null ? new ArrayList<PendingPublish>() : last.close(timeout);
          lookUps.cancel().forEach(waiting -> failed.add(waiting.failed(failures.closed())));
          lookUps.close();
          unavailable.close();
          producer = null;
          reports.execute(
              () -> {
                failed.forEach(PendingPublish::run);
                thread.shutdown();
                end.run();
              });
        });
  }

  /** Ends the wait of {@link #close}: events that are not confirmed yet fail. Blocks. */
  void hurry() {
    overdue = true;
    var last = producer;
    if (last != null) {
      last.close(Duration.ZERO);
    }
  }
}

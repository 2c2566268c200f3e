package io.outboxrelay.kafka;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Events that wait until Kafka has answered for their topic.
 *
 * <p>While Kafka's producer does not know a topic, it blocks its caller; if the topic does not
 * exist, for {@code max.block.ms}. The sending thread serves all topics, so a topic is looked up on
 * another thread first. If an event waits, the later events of its aggregate are queued behind it,
 * even if they go to another topic, because the order of the aggregate must be kept.
 *
 * <p>All methods are for the sending thread.
 */
final class TopicLookUps {
  /**
   * The maximum number of threads. Each unknown topic blocks one thread for {@code max.block.ms},
   * so the look-up of a topic that exists waits only while as many unknown topics as there are
   * threads are looked up.
   */
  private static final int MOST_THREADS = 256;

  private final Executor sending;
  private final Answer answer;
  private final LookUpThreads threads = new LookUpThreads("kafka-topic-lookup", MOST_THREADS);
  private final Map<String, Queue<PendingPublish>> byTopic = new HashMap<>();
  private final Map<String, Queue<PendingPublish>> byAggregate = new HashMap<>();

  /** Receives the events that waited for a topic. */
  interface Answer {
    /**
     * @param waiting the events in the order in which they were published
     * @param failure why the topic cannot be used; null if it can
     */
    void accept(String topic, List<PendingPublish> waiting, @Nullable RuntimeException failure);
  }

  /**
   * @param sending runs tasks on the sending thread
   * @param answer called on the sending thread
   */
  TopicLookUps(Executor sending, Answer answer) {
    this.sending = sending;
    this.answer = answer;
  }

  /**
   * If an earlier event of the aggregate waits, queues the event behind it and returns true;
   * otherwise returns false.
   */
  boolean follows(PendingPublish delivery) {
    if (byAggregate.isEmpty()) {
      return false;
    }
    var queue = byAggregate.get(delivery.event().aggregateId());
    if (queue == null) {
      return false;
    }
    queue.add(delivery);
    return true;
  }

  /**
   * Queues the event. If no look-up of its topic is running, starts one.
   *
   * @param lookUp looks up the topic; blocks; throws if the topic cannot be used
   */
  void begin(String topic, PendingPublish delivery, Runnable lookUp) {
    var queue = byTopic.get(topic);
    if (queue == null) {
      queue = new ArrayDeque<>();
      byTopic.put(topic, queue);
      var begun = queue;
      threads.execute(() -> lookUp(topic, begun, lookUp));
    }
    queue.add(delivery);
    byAggregate.put(delivery.event().aggregateId(), queue);
  }

  private void lookUp(String topic, Queue<PendingPublish> queue, Runnable lookUp) {
    @Nullable RuntimeException failure = null;
    try {
      lookUp.run();
    } catch (RuntimeException e) {
      failure = e;
    }
    var outcome = failure;
    sending.execute(() -> answered(topic, queue, outcome));
  }

  private void answered(
      String topic, Queue<PendingPublish> queue, @Nullable RuntimeException failure) {
    if (byTopic.remove(topic, queue)) {
      byAggregate.values().removeIf(waiting -> waiting == queue);
      answer.accept(topic, List.copyOf(queue), failure);
    }
  }

  /**
   * Drops all look-ups, so that their answers are ignored. Returns the events that waited; those of
   * one aggregate are in the order in which they were published.
   */
  List<PendingPublish> cancel() {
    var waiting = new ArrayList<PendingPublish>();
    byTopic.values().forEach(waiting::addAll);
    byTopic.clear();
    byAggregate.clear();
    return waiting;
  }

  /** Ends the threads; running look-ups are interrupted. */
  void close() {
    threads.close();
  }
}

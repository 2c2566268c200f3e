package io.outboxrelay.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics on a thread of its own until it is closed.
 *
 * <p>The consumer assigns the partitions itself and joins no consumer group. After an outage of the
 * broker, a group would continue at its last commit, and deliver messages twice.
 */
final class KafkaSubscription implements TestBroker.Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaSubscription.class);
  private static final Duration UNTIL_ONE_IS_FOUND = Duration.ofMillis(200);
  // The time between two searches for new topics after the first topic was found. It is long,
  // because a search delays the messages by a few milliseconds.
  private static final Duration AFTERWARDS = Duration.ofSeconds(1);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Pattern topics;
  private final Consumer<ReceivedMessage> handler;
  private final Thread thread;
  private final AtomicBoolean closed = new AtomicBoolean();
  private long nextLook = System.nanoTime();

  KafkaSubscription(String bootstrap, String topics, Consumer<ReceivedMessage> handler) {
    this.consumer = KafkaTopics.consumer(bootstrap);
    this.topics = Pattern.compile(topics);
    this.handler = handler;
    this.thread = new Thread(this::run, "kafka-subscription");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (consumer) {
      while (!closed.get()) {
        turn();
      }
    } catch (WakeupException e) {
      LOG.debug("Woken up to end.");
    } catch (RuntimeException e) {
      LOG.error(
          "The subscription of {} has failed, and its handler gets no more messages.", topics, e);
    }
  }

  private void turn() {
    try {
      lookForTopics();
      if (consumer.assignment().isEmpty()) {
        LockSupport.parkNanos(UNTIL_ONE_IS_FOUND.toNanos());
      } else {
        consumer
            .poll(UNTIL_ONE_IS_FOUND)
            .forEach(record -> handler.accept(KafkaTopics.message(record)));
      }
    } catch (RetriableException e) {
      LOG.debug("The broker does not answer; trying again.", e);
    }
  }

  private void lookForTopics() {
    if (System.nanoTime() < nextLook) {
      return;
    }
    var found = new ArrayList<TopicPartition>();
    consumer
        .listTopics()
        .forEach(
            (topic, partitions) -> {
              if (topics.matcher(topic).matches()) {
                partitions.forEach(info -> found.add(new TopicPartition(topic, info.partition())));
              }
            });
    consumer.assign(found);
    nextLook = System.nanoTime() + (found.isEmpty() ? UNTIL_ONE_IS_FOUND : AFTERWARDS).toNanos();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      consumer.wakeup();
      join();
    }
  }

  private void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.outboxrelay.kafka;

import io.outboxrelay.publish.PublishException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The topics that cannot take events at present: no broker knows the topic, the relay may not write
 * to it, or Kafka has stopped answering for it.
 *
 * <p>Their events fail at once. Waiting for a topic would delay the events of all others, and a
 * refusal by the broker would stop the producer that all topics share. Threads of their own check
 * if a topic has become available.
 *
 * <p>For the sending thread only.
 */
final class UnavailableTopics {
  private static final long PAUSE_NANOS = 1_000_000_000L;

  private final Executor sending;
  private final LookUpThreads threads = new LookUpThreads("kafka-topic-check", 16);
  private final Map<String, Closed> closed = new HashMap<>();

  UnavailableTopics(Executor sending) {
    this.sending = sending;
  }

  /** Checks if a topic can take events; runs on a thread that may block. */
  interface Question {
    /**
     * @throws RuntimeException if it cannot
     */
    void ask(FailFastProducer producer);
  }

  private static final class Closed {
    private boolean asking;
    private long askAgain = System.nanoTime() + PAUSE_NANOS;
    private final PublishException seen;
    private final Question question;

    private Closed(PublishException seen, Question question) {
      this.seen = seen;
      this.question = question;
    }
  }

  void add(String topic, PublishException seen, Question question) {
    closed.putIfAbsent(topic, new Closed(seen, question));
  }

  /**
   * Does nothing if the topic is not known to be unavailable; otherwise starts a check about once a
   * second.
   *
   * @throws PublishException if the topic is unavailable
   */
  void check(String topic, FailFastProducer producer) {
    if (closed.isEmpty()) {
      return;
    }
    var entry = closed.get(topic);
    if (entry != null) {
      if (!entry.asking && System.nanoTime() - entry.askAgain >= 0) {
        entry.asking = true;
        ask(topic, entry, producer);
      }
      throw entry.seen;
    }
  }

  private void ask(String topic, Closed entry, FailFastProducer producer) {
    threads.execute(
        () -> {
          try {
            entry.question.ask(producer);
            sending.execute(() -> closed.remove(topic));
          } catch (RuntimeException e) {
            sending.execute(() -> askLater(entry));
          }
        });
  }

  /** Ends the threads; no topic is checked any more. */
  void close() {
    threads.close();
  }

  private static void askLater(Closed entry) {
    entry.asking = false;
    entry.askAgain = System.nanoTime() + PAUSE_NANOS;
  }
}

package io.outboxrelay.kafka;

import io.outboxrelay.publish.PublishException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The topics that no broker knew, or that the relay may not write to. Their events fail at once:
 * waiting for a topic would hold up the events of all others, and being refused by a broker would
 * end the producer that they share. Whether it has changed is asked aside.
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

  /** Finds out whether a topic can be written to, on a thread that it may block. */
  interface Question {
    /**
     * @throws RuntimeException where it cannot
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
   * @throws PublishException where nothing can be sent to the topic, as far as is known
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

  /** Ends the threads; no topic is asked for any more. */
  void close() {
    threads.close();
  }

  private static void askLater(Closed entry) {
    entry.asking = false;
    entry.askAgain = System.nanoTime() + PAUSE_NANOS;
  }
}

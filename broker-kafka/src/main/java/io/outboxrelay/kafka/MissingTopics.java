package io.outboxrelay.kafka;

import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The topics that no broker knew. Their events fail at once, where waiting for the topic would hold
 * up the events of all others; whether it has appeared is asked aside.
 *
 * <p>For the sending thread only.
 */
final class MissingTopics {
  private static final long PAUSE_NANOS = 1_000_000_000L;

  private final Vertx vertx;
  private final Executor sending;
  private final Failures failures;
  private final Map<String, Missing> missing = new HashMap<>();

  MissingTopics(Vertx vertx, Executor sending, Failures failures) {
    this.vertx = vertx;
    this.sending = sending;
    this.failures = failures;
  }

  private static final class Missing {
    private boolean asking;
    private long askAgain = System.nanoTime() + PAUSE_NANOS;
    private final RuntimeException seen;

    private Missing(RuntimeException seen) {
      this.seen = seen;
    }
  }

  void add(String topic, RuntimeException seen) {
    missing.put(topic, new Missing(seen));
  }

  /**
   * @throws io.outboxrelay.publish.PublishException.Retryable where the topic is known to be
   *     missing
   */
  void check(String topic, StrictProducer producer) {
    if (missing.isEmpty()) {
      return;
    }
    var entry = missing.get(topic);
    if (entry != null) {
      if (!entry.asking && System.nanoTime() - entry.askAgain >= 0) {
        entry.asking = true;
        ask(topic, entry, producer);
      }
      throw failures.unknownTopic(topic, entry.seen);
    }
  }

  private void ask(String topic, Missing entry, StrictProducer producer) {
    vertx
        .executeBlocking(
            () -> {
              producer.lookUp(topic);
              return topic;
            },
            false)
        .onComplete(
            there -> sending.execute(() -> missing.remove(topic)),
            failure -> sending.execute(() -> askLater(entry)));
  }

  private static void askLater(Missing entry) {
    entry.asking = false;
    entry.askAgain = System.nanoTime() + PAUSE_NANOS;
  }
}

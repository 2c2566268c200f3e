package io.outboxrelay.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds a topic with events that get no answer while events of other topics do. Such a topic has to
 * be found here, because if a topic has no leader or not enough replicas in sync, Kafka's client
 * retries its events for ever.
 *
 * <p>For one thread, except {@link Count#answered}.
 */
final class TopicStallDetector {
  /** The time without answers after which a topic may be stalled; a leader election takes less. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * The time by which the last answer of another topic must be later than that of the stalled
   * topic. Topics are examined once a second, so if one outage stops several topics, their last
   * answers seem to differ by up to a second.
   */
  private static final Duration CLEARLY_LATER = Duration.ofSeconds(2);

  private final Map<String, Count> counts = new HashMap<>();

  /** Counts the sent and the answered events of one topic. */
  static final class Count {
    private final String topic;
    private long sent;
    private final AtomicLong answered = new AtomicLong();
    private long seen;
    private long lastProgress;
    private long unansweredSince;

    private Count(String topic, long now) {
      this.topic = topic;
      this.lastProgress = now;
      this.unansweredSince = now;
    }

    void sent() {
      sent++;
    }

    /**
     * Counts an answer. Called on Kafka's thread, or on the sending thread if the producer did not
     * accept the event.
     */
    void answered() {
      answered.getAndIncrement();
    }

    private void look(long now) {
      long answers = answered.get();
      if (answers != seen) {
        lastProgress = now;
        unansweredSince = now;
        seen = answers;
      } else if (answers == sent) {
        unansweredSince = now;
      }
    }

    /**
     * Returns true if this topic has unanswered events, and other topics have had answers since.
     *
     * @param progress the {@link System#nanoTime} of the latest answer of any topic
     */
    private boolean isStalled(long progress, long now) {
      return now - unansweredSince > PATIENCE.toNanos()
          && progress - unansweredSince > CLEARLY_LATER.toNanos();
    }

    private boolean isIdle(long now, long nanos) {
      return answered.get() == sent && now - lastProgress > nanos;
    }
  }

  Count of(String topic) {
    return counts.computeIfAbsent(topic, name -> new Count(name, System.nanoTime()));
  }

  /** Examines all topics and returns one that is stalled, if any. Call it about once a second. */
  Optional<String> stalled() {
    return stalled(System.nanoTime());
  }

  Optional<String> stalled(long now) {
    long progress = Long.MIN_VALUE;
    for (var count : counts.values()) {
      count.look(now);
      // Keep the later time. Times are compared by their difference, because nanoTime can overflow.
      progress =
          progress == Long.MIN_VALUE || count.lastProgress - progress > 0
              ? count.lastProgress
              : progress;
    }
    for (var count : counts.values()) {
      if (count.isStalled(progress, now)) {
        return Optional.of(count.topic);
      }
    }
    return Optional.empty();
  }

  /** Forgets topics that have no unanswered event and had no answer for {@code nanos}. */
  void forgetIdle(long now, long nanos) {
    counts.values().removeIf(count -> count.isIdle(now, nanos));
  }
}

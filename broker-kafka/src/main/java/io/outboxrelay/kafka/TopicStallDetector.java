package io.outboxrelay.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How events come and go by topic, to notice one whose events are not answered at all while others'
 * are: Kafka's client tries again by itself, for ever, where a topic has no leader or not enough
 * replicas in sync.
 *
 * <p>For one thread, but for {@link Count#answered}.
 */
final class TopicStallDetector {
  /** Longer than a change of leaders takes. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Looks are a second apart, so less may be one outage seen at two moments. */
  private static final Duration CLEARLY_LATER = Duration.ofSeconds(2);

  private final Map<String, Count> counts = new HashMap<>();

  /** What is known of one topic. */
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

    /** To be called on Kafka's thread, or by the sender where the event is not on its way. */
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

    private boolean isStalledWhile(Count other, long now) {
      return now - unansweredSince > PATIENCE.toNanos()
          && other.lastProgress - unansweredSince > CLEARLY_LATER.toNanos();
    }
  }

  Count of(String topic) {
    return counts.computeIfAbsent(topic, name -> new Count(name, System.nanoTime()));
  }

  /** Looks how things stand; to be called about once a second. */
  Optional<String> stalled() {
    return stalled(System.nanoTime());
  }

  Optional<String> stalled(long now) {
    counts.values().forEach(count -> count.look(now));
    return counts.values().stream()
        .filter(
            count -> counts.values().stream().anyMatch(other -> count.isStalledWhile(other, now)))
        .map(count -> count.topic)
        .findFirst();
  }
}

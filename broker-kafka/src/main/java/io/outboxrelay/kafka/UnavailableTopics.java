package io.outboxrelay.kafka;

import io.outboxrelay.publish.PublishException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The topics that cannot take events at present: the topic does not exist, the relay may not write
 * to it, or Kafka has stopped answering for it.
 *
 * <p>Events for these topics fail at once. Waiting for a topic would delay the events of all
 * others, and a refusal by the broker would stop the producer that all topics share. Separate
 * threads check if a topic has become available. One request checks all unknown topics, so that
 * hundreds of them do not delay the check of another topic.
 *
 * <p>For the sending thread only.
 */
final class UnavailableTopics {
  private static final long PAUSE_NANOS = 1_000_000_000L;

  /**
   * The time for which an unknown topic is checked without its creation, in nanoseconds. After that
   * time, the topic's next event is given to the producer. The producer's look-up makes a broker
   * create the topic if the broker creates topics automatically.
   */
  private static final long ASKED_FOR_NANOS = Duration.ofMinutes(1).toNanos();

  /** The maximum number of topics that one request checks. */
  private static final int AT_ONCE = 1_000;

  /**
   * The maximum number of remembered topics. If there are more, the topic that failed longest ago
   * is forgotten.
   */
  private static final int MOST = 10_000;

  private final Executor sending;
  private final Function<Collection<String>, Set<String>> existing;
  private final LookUpThreads threads = new LookUpThreads("kafka-topic-check", 16);
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<String> due = new LinkedHashSet<>();
  private boolean asking;

  /**
   * @param sending runs tasks on the sending thread
   * @param existing returns the topics that exist among its argument; blocks
   */
  UnavailableTopics(Executor sending, Function<Collection<String>, Set<String>> existing) {
    this.sending = sending;
    this.existing = existing;
  }

  /** Checks if a topic can take events; runs on a thread that may block. */
  interface Question {
    /**
     * @throws RuntimeException if the topic cannot take events
     */
    void ask();
  }

  private static final class Entry {
    private boolean asking;
    private final long since = System.nanoTime();
    private long askAgain = since + PAUSE_NANOS;
    private final PublishException seen;

    /**
     * The check of this topic; null if the topic is unknown, because one request checks all unknown
     * topics.
     */
    private final @Nullable Question question;

    private Entry(PublishException seen, @Nullable Question question) {
      this.seen = seen;
      this.question = question;
    }

    private boolean isDue() {
      return !asking && System.nanoTime() - askAgain >= 0;
    }

    private boolean isToBeLookedUp() {
      return question == null && System.nanoTime() - since >= ASKED_FOR_NANOS;
    }
  }

  void add(String topic, PublishException seen, Question question) {
    add(topic, new Entry(seen, question));
  }

  void addUnknown(String topic, PublishException seen) {
    add(topic, new Entry(seen, null));
  }

  private void add(String topic, Entry entry) {
    entries.putIfAbsent(topic, entry);
    if (entries.size() > MOST) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  /**
   * Fails if the topic is unavailable, and starts a check of the topic if the last one was about a
   * second ago. Does nothing if the topic is not known to be unavailable, or if it has been unknown
   * for {@link #ASKED_FOR_NANOS}.
   *
   * @throws PublishException if the topic is unavailable
   */
  void check(String topic) {
    if (entries.isEmpty()) {
      return;
    }
    var entry = entries.get(topic);
    if (entry == null) {
      return;
    }
    if (entry.isToBeLookedUp()) {
      entries.remove(topic);
      return;
    }
    if (entry.isDue()) {
      entry.asking = true;
      if (entry.question == null) {
        due.add(topic);
        askForUnknown();
      } else {
        ask(topic, entry, entry.question);
      }
    }
    throw entry.seen;
  }

  private void ask(String topic, Entry entry, Question question) {
    threads.execute(
        () -> {
          try {
            question.ask();
            sending.execute(() -> entries.remove(topic, entry));
          } catch (RuntimeException e) {
            sending.execute(() -> askLater(entry));
          }
        });
  }

  private void askForUnknown() {
    if (asking || due.isEmpty()) {
      return;
    }
    asking = true;
    var topics = due.stream().limit(AT_ONCE).toList();
    topics.forEach(due::remove);
    threads.execute(
        () -> {
          var found = existingOf(topics);
          sending.execute(() -> answered(topics, found));
        });
  }

  private Set<String> existingOf(List<String> topics) {
    try {
      return existing.apply(topics);
    } catch (RuntimeException e) {
      return Set.of();
    }
  }

  private void answered(List<String> topics, Set<String> found) {
    asking = false;
    for (var topic : topics) {
      var entry = entries.get(topic);
      if (entry != null && found.contains(topic)) {
        entries.remove(topic);
      } else if (entry != null) {
        askLater(entry);
      }
    }
    askForUnknown();
  }

  /** Ends the threads; no topic is checked any more. */
  void close() {
    threads.close();
  }

  private static void askLater(Entry entry) {
    entry.asking = false;
    entry.askAgain = System.nanoTime() + PAUSE_NANOS;
  }
}

package io.outboxrelay.source;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.window.Checkpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays a broker and its consumers, which check that the versions of each aggregate come as 1, 2, 3
 * …
 *
 * <p>If a reader begins, it goes back to the state in which the checkpoint was made from which the
 * reader begins, so an event that is lost, repeated or overtaken relative to the stored checkpoint
 * is an error. Only the reader's own beginning tells which checkpoint was stored last: the server
 * may have stored one of which the crashed reader never got the answer, and a crash of the server
 * loses the latest ones although they were answered.
 */
final class DeliveryRecord {
  private static final int MOST_ERRORS = 20;

  private final Map<String, Integer> last = new HashMap<>();
  private final List<Stored> stored = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  private int answered = -1;
  private boolean mayLoseAnswered;
  private long delivered;

  /**
   * A checkpoint that was given to the database.
   *
   * @param position what the checkpoint says
   * @param delivered the last version of each aggregate at that moment
   */
  private record Stored(String position, Map<String, Integer> delivered) {}

  synchronized void deliver(List<OutboxEvent> events, String source) {
    for (var event : events) {
      int version = Integer.parseInt(event.eventType());
      int before = last.getOrDefault(event.aggregateId(), 0);
      if (version != before + 1) {
        error(
            "%s: version %d from the %s after %d (seq %d)"
                .formatted(event.aggregateId(), version, source, before, event.seq()));
      }
      last.put(event.aggregateId(), Math.max(version, before));
      delivered++;
    }
  }

  private void error(String error) {
    if (errors.size() < MOST_ERRORS) {
      errors.add(error);
    }
  }

  /**
   * Notes that what is delivered now is about to be stored.
   *
   * @return the number for {@link #answered}
   */
  synchronized int storing(Checkpoint checkpoint) {
    stored.add(new Stored(text(checkpoint), new HashMap<>(last)));
    return stored.size() - 1;
  }

  /** Notes that the database has answered that a checkpoint is stored. */
  synchronized void answered(int number) {
    answered = Math.max(answered, number);
  }

  /** Allows the next reader to begin before a checkpoint that is stored. */
  synchronized void serverCrashes() {
    mayLoseAnswered = true;
  }

  /** Goes back to the state of the checkpoint from which a reader begins. */
  synchronized void begins(Checkpoint checkpoint) {
    if (stored.isEmpty()) {
      stored.add(new Stored(text(checkpoint), Map.of()));
    }
    String from = text(checkpoint);
    int number = stored.size() - 1;
    while (number >= 0 && !stored.get(number).position.equals(from)) {
      number--;
    }
    if (number < 0) {
      error("a reader begins from a checkpoint that no reader has stored: " + from);
      return;
    }
    if (number < answered && !mayLoseAnswered) {
      error("a reader begins %d checkpoints before the stored one".formatted(answered - number));
    }
    last.clear();
    last.putAll(stored.get(number).delivered);
    stored.subList(number + 1, stored.size()).clear();
    answered = number;
    mayLoseAnswered = false;
  }

  /** The account of a partial transaction does not change what is delivered. */
  private static String text(Checkpoint checkpoint) {
    var partial = checkpoint.partial();
    return checkpoint.withoutPartial()
        + (partial == null
            ? ""
            : " and %d rows of %d up to %d"
                .formatted(partial.rows(), partial.xid(), partial.last()));
  }

  /** Returns the last version of each aggregate that is delivered. */
  synchronized Map<String, Integer> state() {
    return new HashMap<>(last);
  }

  synchronized List<String> errors() {
    return List.copyOf(errors);
  }

  synchronized long delivered() {
    return delivered;
  }
}

package io.outboxrelay.source;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.window.Checkpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Simulates a broker and its consumers, and verifies that the versions of each aggregate arrive as
 * 1, 2, 3 …
 *
 * <p>When a reader begins, the record returns to its state at the reader's checkpoint. An event
 * that is lost, repeated or overtaken relative to that checkpoint is an error. The stored
 * checkpoint is known only from the reader's beginning: the server may have stored a checkpoint
 * without the crashed reader receiving the answer, and a crash of the server loses the latest
 * checkpoints although they were answered.
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
   * @param position the checkpoint as text
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
   * Records the present state with the checkpoint that is about to be stored.
   *
   * @return the number for {@link #answered}
   */
  synchronized int storing(Checkpoint checkpoint) {
    stored.add(new Stored(text(checkpoint), new HashMap<>(last)));
    return stored.size() - 1;
  }

  /** Records that the database has answered that a checkpoint is stored. */
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

  /**
   * Returns the checkpoint as text, without the account of a partial transaction, which does not
   * affect what is delivered.
   */
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

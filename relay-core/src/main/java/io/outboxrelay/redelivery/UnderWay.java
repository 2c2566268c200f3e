package io.outboxrelay.redelivery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The redeliveries of one term that have not ended, and those that must begin again.
 *
 * <p>Lives on one event loop.
 */
final class UnderWay {
  /** Bounds the memory, because each slow redelivery holds a page of dead letters. */
  private static final int MOST_SLOW = 200;

  private final Set<Object> keys = new HashSet<>();
  private final Set<String> interrupted = new LinkedHashSet<>();
  private int slow;

  /**
   * Records that a redelivery begins; returns false if it is under way already.
   *
   * @param key an aggregate id, or the sequence number of a single dead letter
   */
  boolean begin(Object key) {
    return keys.add(key);
  }

  void end(Object key) {
    keys.remove(key);
    if (key instanceof String aggregateId) {
      interrupted.remove(aggregateId);
    }
  }

  /**
   * Records that a redelivery ended before its outcome was known. Its aggregate is still parked and
   * must be redelivered again, even if no marked row is left in the table.
   */
  void interrupted(Object key) {
    keys.remove(key);
    if (key instanceof String aggregateId) {
      interrupted.add(aggregateId);
    }
  }

  /** Returns the aggregates that must be redelivered again. */
  List<String> interrupted() {
    return new ArrayList<>(interrupted);
  }

  /** Lets a slow redelivery continue on its own; returns false if too many do so already. */
  boolean leave() {
    return slow < MOST_SLOW && ++slow > 0;
  }

  void slowOneEnded() {
    slow--;
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }
}

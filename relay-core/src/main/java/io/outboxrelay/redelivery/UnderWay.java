package io.outboxrelay.redelivery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The redeliveries of one term that have not ended, and the aggregates that must be redelivered
 * again.
 *
 * <p>Runs on one event loop.
 */
final class UnderWay {
  /**
   * The highest number of slow redeliveries at the same time. There is a limit because each of them
   * holds a page of dead letters in memory.
   */
  private static final int MOST_SLOW = 200;

  private final Set<Object> keys = new HashSet<>();
  private final Set<String> interrupted = new LinkedHashSet<>();
  private int slow;

  /**
   * Records that a redelivery begins. Returns false if the same redelivery is under way already.
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
   * Records that a redelivery failed. If it is the redelivery of an aggregate, the aggregate is
   * still parked, and its redelivery must begin again, even if no marked row is left in the table.
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

  /**
   * Counts one more slow redelivery. Returns false, and counts none, if there are {@value
   * #MOST_SLOW} already.
   */
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

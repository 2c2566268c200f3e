package io.outboxrelay.redelivery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The redeliveries of one term that are not over, and those that have to begin again.
 *
 * <p>For one event loop.
 */
final class UnderWay {
  /** Each holds a page of dead letters in memory. */
  private static final int MOST_SLOW = 200;

  private final Set<Object> keys = new HashSet<>();
  private final Set<String> interrupted = new LinkedHashSet<>();
  private int slow;

  /**
   * Notes that a redelivery begins; false if it is under way already.
   *
   * @param key an aggregate id, or the number of a single dead letter
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
   * Notes that a redelivery ended before its outcome was known. Nothing in the table may say any
   * more that there is something to do, and yet the aggregate is parked: it has to begin again.
   */
  void interrupted(Object key) {
    keys.remove(key);
    if (key instanceof String aggregateId) {
      interrupted.add(aggregateId);
    }
  }

  /** Aggregates whose redelivery has to begin again. */
  List<String> interrupted() {
    return new ArrayList<>(interrupted);
  }

  /** Leaves a redelivery that takes long to itself; false if too many are. */
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

package io.outboxrelay.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The events of one aggregate that wait for an earlier one of it.
 *
 * <p>Kept in the order of their sequence numbers in the table's windows, which is the order in
 * which they came: a failed event goes back before those that never left.
 */
final class Lane {
  private final ArrayList<Delivery> failed = new ArrayList<>(1);
  private final ArrayDeque<Delivery> waiting = new ArrayDeque<>(4);
  final String aggregateId;

  /** Hand-overs up to this one must be over before the lane may send again. */
  long barrier;

  /** The one event of the lane that the publisher has; the rest waits for its outcome. */
  @Nullable Delivery probe;

  /** Failures in a row. */
  int attempts;

  /** The moment, by {@link System#nanoTime}, before which it should not send again. */
  long notBefore;

  Lane(String aggregateId) {
    this.aggregateId = aggregateId;
  }

  void add(Delivery delivery) {
    waiting.add(delivery);
  }

  /** Takes back an event that was handed over and failed. */
  void takeBack(Delivery delivery) {
    failed.add(delivery);
    failed.sort(Comparator.comparingLong(one -> one.turn));
    if (probe == delivery) {
      probe = null;
    }
  }

  boolean isEmpty() {
    return failed.isEmpty() && waiting.isEmpty();
  }

  @Nullable Delivery poll() {
    return failed.isEmpty() ? waiting.poll() : failed.remove(0);
  }
}

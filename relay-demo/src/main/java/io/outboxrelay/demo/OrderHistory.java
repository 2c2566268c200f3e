package io.outboxrelay.demo;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** The committed and the received versions of one order. */
final class OrderHistory {
  private final BitSet committed = new BitSet();
  private final BitSet arrived = new BitSet();
  private final Map<Integer, Long> committedAt = new HashMap<>();

  /** The order of a message relative to the earlier messages of its order. */
  enum Arrival {
    IN_ORDER,
    OVERTAKEN,
    REPEATED
  }

  void committed(int version, long nanoTime) {
    committed.set(version);
    if (!arrived.get(version)) {
      committedAt.put(version, nanoTime);
    }
  }

  Arrival arrived(int version) {
    if (arrived.get(version)) {
      return Arrival.REPEATED;
    }
    boolean overtaken = version < arrived.length();
    arrived.set(version);
    return overtaken ? Arrival.OVERTAKEN : Arrival.IN_ORDER;
  }

  /**
   * Returns the time from the commit to the arrival of a version that has just arrived; 0 if the
   * writer has not yet reported the commit.
   */
  long nanosUnderWay(int version, long nanoTime) {
    var since = committedAt.remove(version);
    return since == null ? 0 : Math.max(0, nanoTime - since);
  }

  /** Returns the number of committed versions that have not arrived although a later one has. */
  int skipped() {
    return missing(arrived.length());
  }

  /** Returns the number of committed versions that have not arrived. */
  int missing() {
    return missing(committed.length());
  }

  private int missing(int below) {
    var missing = committed.get(0, Math.min(below, committed.length()));
    missing.andNot(arrived);
    return missing.cardinality();
  }
}

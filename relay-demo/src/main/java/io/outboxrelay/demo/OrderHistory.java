package io.outboxrelay.demo;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** What was committed of one order, and what arrived, version by version. */
final class OrderHistory {
  private final BitSet committed = new BitSet();
  private final BitSet arrived = new BitSet();
  private final Map<Integer, Long> committedAt = new HashMap<>();

  /** How a message stands to those of its order that came before. */
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
   * How long a version that has just arrived was under way: nothing if the writer has not even been
   * told yet that it is committed.
   */
  long nanosUnderWay(int version, long nanoTime) {
    var since = committedAt.remove(version);
    return since == null ? 0 : Math.max(0, nanoTime - since);
  }

  /** Committed versions that have not arrived, though a later one has. */
  int skipped() {
    return missing(arrived.length());
  }

  /** Committed versions that have not arrived. */
  int missing() {
    return missing(committed.length());
  }

  private int missing(int below) {
    var missing = committed.get(0, Math.min(below, committed.length()));
    missing.andNot(arrived);
    return missing.cardinality();
  }
}

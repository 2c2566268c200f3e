package io.outboxrelay.chaos;

/** The target of a fault. Two faults with one target never overlap, unless {@link #ofEachFault}. */
enum FaultTarget {
  RELAY(true),
  DATABASE_LINK(true),
  BROKER_LINK(true),
  DATABASE(false),
  SESSIONS(false),
  BROKER(false),
  DESTINATION(false),
  EVENTS(false),
  DEAD_LETTERS(false),
  SHARDS(false);

  private final boolean ofEachRelay;

  FaultTarget(boolean ofEachRelay) {
    this.ofEachRelay = ofEachRelay;
  }

  /**
   * Returns true if each fault has its own aggregates or destination, so that several can overlap.
   */
  boolean ofEachFault() {
    return this == EVENTS || this == DEAD_LETTERS;
  }

  /** Returns true if each relay has a target of its own. */
  boolean ofEachRelay() {
    return ofEachRelay;
  }
}

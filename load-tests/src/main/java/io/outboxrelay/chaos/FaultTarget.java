package io.outboxrelay.chaos;

/** What a fault befalls. Two faults never befall the same thing at the same time. */
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
   * Whether each fault has something of its own, so that several do not get in each other's way.
   */
  boolean ofEachFault() {
    return this == EVENTS || this == DEAD_LETTERS;
  }

  /** Whether there is one for each relay. */
  boolean ofEachRelay() {
    return ofEachRelay;
  }
}

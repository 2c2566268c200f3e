package io.outboxrelay.chaos;

/** What a fault befalls. Two faults never befall the same thing at the same time. */
enum Area {
  RELAY(true),
  DATABASE_LINK(true),
  BROKER_LINK(true),
  DATABASE(false),
  SESSIONS(false),
  BROKER(false),
  DESTINATION(false),
  EVENTS(false),
  LETTERS(false),
  SHARDS(false);

  private final boolean ofEachRelay;

  Area(boolean ofEachRelay) {
    this.ofEachRelay = ofEachRelay;
  }

  /**
   * Whether each fault has something of its own, so that several do not get in each other's way.
   */
  boolean ofEachFault() {
    return this == EVENTS || this == LETTERS;
  }

  /** Whether there is one for each relay. */
  boolean ofEachRelay() {
    return ofEachRelay;
  }
}

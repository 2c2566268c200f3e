package io.outboxrelay.chaos;

/** What a fault befalls. Two faults never befall the same thing at the same time. */
enum Area {
  RELAY(true),
  DATABASE_LINK(true),
  BROKER_LINK(true),
  DATABASE(false),
  SESSIONS(false),
  BROKER(false),
  EVENTS(false),
  SHARDS(false);

  private final boolean ofEachRelay;

  Area(boolean ofEachRelay) {
    this.ofEachRelay = ofEachRelay;
  }

  /** Whether there is one for each relay. */
  boolean ofEachRelay() {
    return ofEachRelay;
  }
}

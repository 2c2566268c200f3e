package io.outboxrelay.partition;

import io.outboxrelay.publish.OutboxEvent;

/** One event on its way to the broker. */
final class Delivery {
  final OutboxEvent event;
  final Slice slice;

  /** When it was last handed to the publisher, as a count of all such hand-overs. */
  long turn;

  /** Whether the publisher has it. */
  boolean inFlight;

  Delivery(OutboxEvent event, Slice slice) {
    this.event = event;
    this.slice = slice;
  }
}

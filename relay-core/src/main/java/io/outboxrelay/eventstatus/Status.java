package io.outboxrelay.eventstatus;

import java.util.Locale;

/** The status of an event. */
public enum Status {
  /** The broker has confirmed the event. */
  PUBLISHED,
  /** The broker did not accept the event, so it is a dead letter. */
  REJECTED,
  /** The event waits behind a rejected event of its aggregate. */
  BLOCKED,
  /** The event is set aside while its destination is down. */
  DEFERRED,
  /** The event waits because an operator has paused its destination, or everything. */
  PAUSED,
  /** The event waits to be published. */
  WAITING,
  /** An operator has discarded the event. */
  DISCARDED,
  /** The event was not found, or the facts do not tell if it was published. */
  UNKNOWN;

  /** Returns the word for this status that the API and the command line use. */
  public String written() {
    return name().toLowerCase(Locale.ROOT);
  }
}

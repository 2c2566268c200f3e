package io.outboxrelay.eventstatus;

import java.util.Locale;

/** The status of an event. */
public enum Status {
  /** The broker has confirmed it. */
  PUBLISHED,
  /** The broker did not accept it: it is a dead letter. */
  REJECTED,
  /** It waits behind a rejected event of its aggregate. */
  BLOCKED,
  /** It is set aside while its destination is down. */
  DEFERRED,
  /** It waits because an operator has paused its destination, or everything. */
  PAUSED,
  /** It waits to be published. */
  WAITING,
  /** An operator discarded it. */
  DISCARDED,
  /** The event was not found, or the facts do not tell if it was published. */
  UNKNOWN;

  /** Returns the word for this status that the API and the command line use. */
  public String written() {
    return name().toLowerCase(Locale.ROOT);
  }
}

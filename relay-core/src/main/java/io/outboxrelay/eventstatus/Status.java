package io.outboxrelay.eventstatus;

import java.util.Locale;

/** Where an event stands. */
public enum Status {
  /** The broker has confirmed it. */
  PUBLISHED,
  /** The broker did not accept it: it is a dead letter. */
  REJECTED,
  /** It waits behind a rejected event of its aggregate. */
  BLOCKED,
  /** It is set aside while its destination is down. */
  DEFERRED,
  /** An operator has paused its destination, or everything. */
  PAUSED,
  /** It is published when its turn comes. */
  WAITING,
  /** An operator gave it up. */
  DISCARDED,
  /** It is not found, or what is found does not tell. */
  UNKNOWN;

  /** As the API and the command line write it. */
  public String written() {
    return name().toLowerCase(Locale.ROOT);
  }
}

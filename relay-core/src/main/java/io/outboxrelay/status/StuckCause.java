package io.outboxrelay.status;

import java.util.Locale;

/** The known reason for which a relay is stuck. */
public enum StuckCause {
  /** The broker accepts nothing. */
  BROKER,
  /** An event cannot be published, and is tried again. */
  EVENT,
  /** The database cannot be used. */
  DATABASE,
  /** A session has locked rows or tables that the relay needs. */
  LOCK,
  /** No relay leads a shard. */
  NO_LEADER,
  /** Events wait and no event is confirmed, but the inputs show no reason for that. */
  UNKNOWN;

  /** Returns the cause as the API writes it, such as {@code no-leader}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

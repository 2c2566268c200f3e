package io.outboxrelay.status;

import java.util.Locale;

/**
 * The urgency of a status. The console's colour and the exit code of {@code status} depend on it.
 */
public enum Severity {
  /** There is nothing to do. */
  OK,
  /**
   * Events are delivered late, or some events are not delivered, or an operator has paused
   * delivery.
   */
  WARNING,
  /** At least one shard delivers nothing, although events wait or may wait. */
  STUCK;

  /** Returns the word that the API and the command line use, such as {@code warning}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  Severity orWorse(Severity other) {
    return compareTo(other) >= 0 ? this : other;
  }
}

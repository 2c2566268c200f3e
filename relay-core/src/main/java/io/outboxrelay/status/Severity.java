package io.outboxrelay.status;

import java.util.Locale;

/** How urgent a verdict is. The console's colour and the exit code of {@code status} follow it. */
public enum Severity {
  /** Nothing is to be done. */
  OK,
  /** Events are delivered, but not all of them, or late, or operators have paused them. */
  WARNING,
  /** Nothing is delivered of at least one shard although events wait, or may wait. */
  STUCK;

  /** As the API and the command line write it, such as {@code warning}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  Severity orWorse(Severity other) {
    return compareTo(other) >= 0 ? this : other;
  }
}

package io.outboxrelay.failure;

import org.jspecify.annotations.Nullable;

/** Ends the relay because it cannot continue; the message is a sentence for the operator. */
public final class RelayException extends RuntimeException {
  private final Cause origin;

  /** The system that causes the failure. */
  public enum Cause {
    /**
     * The database refuses the relay, or does not hold the tables and settings that the relay
     * needs.
     */
    DATABASE,
    /** The broker refuses the relay. */
    BROKER
  }

  public RelayException(Cause origin, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.origin = origin;
  }

  public Cause origin() {
    return origin;
  }
}

package io.outboxrelay.leadership;

/**
 * Signals that a lease could not be acquired, because another relay holds it or because the number
 * of shards is being changed. This is part of normal operation and no error.
 */
public final class LeaseTakenException extends RuntimeException {
  LeaseTakenException(String message) {
    super(message, null, false, false);
  }
}

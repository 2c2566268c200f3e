package io.outboxrelay.deadletter;

/** What was asked of a dead letter cannot be done; its message is a sentence for the operator. */
public final class RefusedException extends RuntimeException {
  RefusedException(String message) {
    super(message, null, false, false);
  }
}

package io.outboxrelay.deadletter;

/** What was asked cannot be done; its message is a sentence for the operator. */
public final class RefusedException extends RuntimeException {
  public RefusedException(String message) {
    super(message, null, false, false);
  }
}

package io.outboxrelay.deadletter;

/** What was asked cannot be done; its message is a sentence for the operator. */
public final class OperationRefusedException extends RuntimeException {
  public OperationRefusedException(String message) {
    super(message, null, false, false);
  }
}

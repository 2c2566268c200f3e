package io.outboxrelay.deadletter;

/** An operation was refused; its message is a sentence for the operator. */
public final class OperationRefusedException extends RuntimeException {
  public OperationRefusedException(String message) {
    super(message, null, false, false);
  }
}

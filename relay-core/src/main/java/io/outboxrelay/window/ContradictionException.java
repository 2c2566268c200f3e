package io.outboxrelay.window;

/** The outbox holds events that contradict the checkpoint, so reading on could lose events. */
public final class ContradictionException extends RuntimeException {
  ContradictionException(String message) {
    super(message, null, false, false);
  }
}

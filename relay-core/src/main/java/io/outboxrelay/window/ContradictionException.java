package io.outboxrelay.window;

/**
 * Thrown if the outbox holds events that contradict the checkpoint, because a reader that continued
 * could lose events.
 */
public final class ContradictionException extends RuntimeException {
  ContradictionException(String message) {
    super(message, null, false, false);
  }
}

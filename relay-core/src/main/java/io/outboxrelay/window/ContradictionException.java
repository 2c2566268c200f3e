package io.outboxrelay.window;

/** The outbox holds what cannot be there by what was read before: events could be lost. */
public final class ContradictionException extends RuntimeException {
  ContradictionException(String message) {
    super(message, null, false, false);
  }
}

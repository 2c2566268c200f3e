package io.outboxrelay.tracing;

/** Thrown if tracing cannot be set up as configured; the message says what to change. */
public final class TracingException extends RuntimeException {
  TracingException(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.outboxrelay.tracing;

/** Tracing cannot be set up as it is configured; the message says what to change. */
public final class TracingException extends RuntimeException {
  TracingException(String message, Throwable cause) {
    super(message, cause);
  }
}

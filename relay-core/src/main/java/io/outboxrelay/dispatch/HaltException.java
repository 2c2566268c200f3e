package io.outboxrelay.dispatch;

/** Ends the relay, because an event was rejected and {@code relay.on-rejected} is {@code halt}. */
public final class HaltException extends RuntimeException {
  HaltException(String sentence) {
    super(sentence, null, false, false);
  }
}

package io.outboxrelay.dispatch;

/** An event was rejected, and its destination's {@code on-rejected} is {@code halt}. */
public final class HaltException extends RuntimeException {
  HaltException(String sentence) {
    super(sentence, null, false, false);
  }
}

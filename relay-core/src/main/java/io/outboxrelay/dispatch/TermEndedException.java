package io.outboxrelay.dispatch;

/**
 * The term has ended, or was stopped or paused, before the outcome of something was known; it is
 * taken up again.
 */
public final class TermEndedException extends RuntimeException {
  TermEndedException() {
    super("the term has ended, or publishing was stopped or paused", null, false, false);
  }
}

package io.outboxrelay.dispatch;

/**
 * Signals that the term has ended, or publishing was stopped or paused, before an outcome was
 * known. The work is done again later.
 */
public final class TermEndedException extends RuntimeException {
  TermEndedException() {
    super("the term has ended, or publishing was stopped or paused", null, false, false);
  }
}

package io.outboxrelay.dispatch;

/**
 * Ends a term because the database was silent for too long: another relay may own the shard
 * already, so nothing more is published.
 */
final class LeaseExpiredException extends RuntimeException {
  LeaseExpiredException() {
    super(
        "nothing was heard from the database for relay.answer-timeout, so another relay may publish"
            + " before long",
        null,
        false,
        false);
  }
}

package io.outboxrelay.dispatch;

/** The term may have ended without anyone having told us, so nothing is published in it. */
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

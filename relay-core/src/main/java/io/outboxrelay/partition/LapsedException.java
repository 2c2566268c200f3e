package io.outboxrelay.partition;

/** The term may have ended without anyone having told us, so nothing is published in it. */
final class LapsedException extends RuntimeException {
  LapsedException() {
    super(
        "nothing was heard from the database for relay.answer-timeout, so another relay may publish"
            + " before long",
        null,
        false,
        false);
  }
}

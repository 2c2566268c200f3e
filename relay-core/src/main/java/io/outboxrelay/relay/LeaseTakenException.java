package io.outboxrelay.relay;

/** Another relay was quicker to take a shard; nothing is wrong. */
final class LeaseTakenException extends RuntimeException {
  LeaseTakenException(String message) {
    super(message, null, false, false);
  }
}

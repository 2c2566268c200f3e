package io.outboxrelay.relay;

/** Another relay was quicker to take a shard; nothing is wrong. */
final class TakenException extends RuntimeException {
  TakenException(String message) {
    super(message, null, false, false);
  }
}

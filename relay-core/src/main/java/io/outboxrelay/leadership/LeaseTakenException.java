package io.outboxrelay.leadership;

/**
 * Signals that another relay holds the lease of a shard, or that no lease may be taken now. It is
 * part of normal operation and no error.
 */
public final class LeaseTakenException extends RuntimeException {
  LeaseTakenException(String message) {
    super(message, null, false, false);
  }
}

package io.outboxrelay.leadership;

import io.vertx.core.Future;
import java.util.Optional;

/**
 * The advisory locks with which relays ask each other if they reach the broker, as {@link
 * BrokerHandover} uses them. Each lock is held on a connection of its own and ends with it. A
 * database that does not answer counts as a failure.
 */
interface BrokerCallLocks {
  /** Takes the lock of the call; completes with empty if another owner holds it. */
  Future<Optional<Call>> call();

  /** Takes the lock of the answer. */
  Future<Held> answer();

  /** A lock that this relay holds. */
  interface Held {
    /** Releases the lock; completes when its connection is closed. */
    Future<Void> release();
  }

  /** The lock of the call, while this relay holds it. */
  interface Call extends Held {
    /** Completes with true if another relay holds the lock of the answer now. */
    Future<Boolean> isAnswered();

    /** Sets the action to run if the connection ends, also when the lock is released. */
    void onEnd(Runnable action);
  }
}

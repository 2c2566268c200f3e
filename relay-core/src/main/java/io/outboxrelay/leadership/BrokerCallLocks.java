package io.outboxrelay.leadership;

import io.vertx.core.Future;
import java.util.Optional;

/**
 * The two advisory locks of {@link BrokerHandover}. A relay that cannot reach the broker holds the
 * lock of the call; a relay that reaches it answers by holding the lock of the answer. Each lock is
 * held on a connection of its own and ends with that connection. All methods fail if the database
 * does not answer.
 */
interface BrokerCallLocks {
  /** Acquires the lock of the call; completes with empty if another relay holds it. */
  Future<Optional<Call>> call();

  /** Acquires the lock of the answer, which several relays may hold at the same time. */
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

package io.outboxrelay.leadership;

import io.vertx.core.Future;
import java.util.Optional;

/**
 * The two advisory locks of {@link BrokerHandover}. A relay that cannot reach the broker holds the
 * first one, the lock of the broker call, to ask the other relays to take over. A relay that can
 * reach the broker then holds the second one, the lock of the answer. Each lock is held on a
 * separate connection and is released when that connection ends. All methods fail if the database
 * does not answer.
 */
interface BrokerCallLocks {
  /**
   * Tries to acquire the lock of the broker call. Completes with the lock, or empty if another
   * relay holds the lock.
   */
  Future<Optional<Call>> call();

  /** Acquires the lock of the answer, which several relays may hold at the same time. */
  Future<Held> answer();

  /** A lock that this relay holds. */
  interface Held {
    /** Releases the lock; completes when its connection is closed. */
    Future<Void> release();
  }

  /** The lock of the broker call, while this relay holds it. */
  interface Call extends Held {
    /** Completes with true if another relay holds the lock of the answer now. */
    Future<Boolean> isAnswered();

    /**
     * Sets the action to run when the lock's connection ends, because it is lost or because the
     * lock is released.
     */
    void onEnd(Runnable action);
  }
}

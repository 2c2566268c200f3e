package io.outboxrelay.leadership;

import io.outboxrelay.outbox.ForeignLock;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The advisory locks of one shard and of its relays, as a {@link LeaseCampaign} uses them. */
interface LeaseLocks {
  /**
   * The result of one attempt to acquire the lease.
   *
   * @param isAcquired true if the connection owns the shard now
   * @param shards the number of shards of the outbox; empty if no relay has ever led shard 0. The
   *     statement that tries to acquire the lease reads this number. The number cannot change while
   *     a lease is held; it is therefore still correct if the lease was acquired
   * @param isBrokerCalled true while the owner asks if another relay can reach the broker
   */
  record Attempt(boolean isAcquired, OptionalInt shards, boolean isBrokerCalled) {}

  /** Tries to acquire the lease; does not wait if another session holds it. */
  Future<Attempt> tryLease();

  /** Lets the other relays see that this relay runs, while it waits for the lease. */
  Future<Void> announceMember();

  /** Lets the other relays see that this relay owns the shard. */
  Future<Void> announceOwner();

  /**
   * Completes with the name of the relay that owns the shard or, if no relay owns it now, of its
   * last owner; empty if no relay has ever owned the shard.
   */
  Future<Optional<String>> owner();

  /**
   * Completes with a sentence about each relay that owns a shard and has another configuration than
   * this relay.
   */
  Future<List<String>> configMismatches();

  /**
   * Completes with the locks of sessions that hold the lease on this shard although they are no
   * relays.
   */
  Future<List<ForeignLock>> foreignHolders();
}

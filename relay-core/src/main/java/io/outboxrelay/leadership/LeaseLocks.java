package io.outboxrelay.leadership;

import io.outboxrelay.outbox.ForeignLock;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The advisory locks of one shard and of its relays, as a {@link LeaseCampaign} uses them. */
interface LeaseLocks {
  /**
   * The answer to one try.
   *
   * @param isAcquired true if the connection owns the shard now
   * @param shards the number of shards, read in the same statement. It cannot change while a lease
   *     is held, so a lease just acquired is valid. Empty if no relay has ever led shard 0
   * @param isBrokerCalled true while the owner asks if another relay can reach the broker
   */
  record Attempt(boolean isAcquired, OptionalInt shards, boolean isBrokerCalled) {}

  /** Tries to acquire the lease; does not wait for another owner. */
  Future<Attempt> tryLease();

  /** Lets other relays see this one, which waits for the lease. */
  Future<Void> announceMember();

  /** Lets other relays see this one as the owner of a shard. */
  Future<Void> announceOwner();

  /** Completes with the relay that owns the shard, or has owned it last; empty if none has. */
  Future<Optional<String>> owner();

  /** Completes with a sentence about each owner that has another configuration than this relay. */
  Future<List<String>> configMismatches();

  /** Completes with the sessions that hold the lease on this shard although they are no relays. */
  Future<List<ForeignLock>> foreignHolders();
}

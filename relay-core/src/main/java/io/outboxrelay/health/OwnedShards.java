package io.outboxrelay.health;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The shards of this relay as health and status need them. May be called on any thread. */
public interface OwnedShards {
  /**
   * Returns a problem with the database that stops a shard of this relay; empty if there is none.
   */
  Optional<OngoingProblem> problem();

  /** Returns the numbers of all shards. */
  List<Integer> numbers();

  /**
   * Returns the numbers of the shards of which this relay holds the lease. The relay may not have
   * begun to publish them yet.
   */
  List<Integer> owned();

  /**
   * Returns the {@link System#nanoTime} at which this relay began to publish a shard; empty if it
   * does not publish the shard.
   */
  OptionalLong ledSince(int shard);
}

package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import java.util.List;
import java.util.Optional;

/** The facts that are in the database only, as last read. May be called on any thread. */
public interface DatabaseObservations {
  /**
   * The shards as last read.
   *
   * @param nanos the time of the read, by {@link System#nanoTime}
   */
  record ShardsSeen(long nanos, List<ShardRow> shards) {}

  /** Returns the shards as last read; empty before the first read and while reading fails. */
  Optional<ShardsSeen> latest();

  /**
   * Returns the sessions that keep relays from reading events or from leading shards, as last read.
   */
  OtherSessions sessions();

  /**
   * Returns the differences between the delivered events and the events in the outbox, as last
   * read.
   */
  AccountDifferences.Summary differences();

  /**
   * Returns the rates at which a shard's events are confirmed and written; empty if the rates are
   * not known yet.
   */
  Optional<ShardObservation.Pace> pace(int shard);
}

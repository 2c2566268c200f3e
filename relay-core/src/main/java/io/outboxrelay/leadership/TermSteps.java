package io.outboxrelay.leadership;

import io.outboxrelay.pipeline.ShardContext;
import io.vertx.core.Future;

/**
 * The work of a term, step by step. {@link LeadershipTerm} decides which step is next, and takes
 * none after the end of the term.
 *
 * <p>Any step may fail. The term ignores a failure of {@link #stopPipeline}, {@link
 * #endOnPartitions} and {@link #releaseLease}, because the end of a term takes these three steps in
 * any case.
 */
interface TermSteps {
  /** Opens the connections and verifies the outbox. */
  Future<Void> prepare();

  /** Warms up the outbox query and the publishers for a takeover; always succeeds. */
  Future<Void> warmUp();

  /** Completes when the lease is acquired. */
  Future<Void> acquireLease();

  /** Raises the shard's epoch and reads its dead letters. */
  Future<Void> takeOver();

  /** Begins the term on the partitions and builds the pipeline. */
  Future<Void> beginPublishing();

  /** Starts the pipeline. */
  Future<Void> lead();

  /**
   * Lets the pipeline's work in flight end; completes with the number of events that were read and
   * not confirmed.
   */
  Future<Long> drain();

  /** Stops the pipeline at once, if there is one. */
  Future<Void> stopPipeline();

  /** Ends the term on the partitions; completes when nothing is in flight. */
  Future<Void> endOnPartitions();

  /** Closes the connections, and so releases the lease. */
  Future<Void> releaseLease();

  /** Returns true if an operator has paused everything. May be called on any thread. */
  boolean isPaused();

  /**
   * Returns true if a drain would take long, because a confirm is overdue. May be called on any
   * thread.
   */
  boolean isHeldUp();

  /** Creates the steps of a term. */
  interface Factory {
    TermSteps create(ShardContext shard, Term term);
  }

  /** The term, as its steps see it. */
  interface Term {
    /** Ends the term with a failure; no effect after its end. */
    void fail(Throwable failure);

    boolean isOver();
  }
}

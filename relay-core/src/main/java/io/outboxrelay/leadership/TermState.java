package io.outboxrelay.leadership;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/** The state of a {@link LeadershipTerm}; the documentation of that class shows the moves. */
enum TermState {
  /** Does nothing yet. */
  NEW,
  /** Opens its connections and verifies the outbox. */
  PREPARING,
  /** Has verified the outbox and needs only the lease; a warm standby stays in this state. */
  PREPARED,
  /** Waits for the lease, or tries once to acquire it. */
  CAMPAIGNING,
  /** Owns the shard and raises its epoch, so that a former owner can write nothing more. */
  TAKING_OVER,
  /** Begins the term on the partitions and builds the pipeline. */
  STARTING,
  /** Publishes. */
  LEADING,
  /** Reads nothing more and waits until everything read is confirmed. */
  DRAINING,
  /** Publishes nothing and releases its resources, the lease last. */
  ENDED;

  private static final LegalMoves<TermState> MOVES =
      new LegalMoves<>(
          "a term of leadership",
          LegalMoves.andAlwaysTo(
              ENDED,
              Map.of(
                  NEW, Set.of(PREPARING),
                  PREPARING, Set.of(PREPARED),
                  PREPARED, Set.of(CAMPAIGNING),
                  CAMPAIGNING, Set.of(TAKING_OVER),
                  TAKING_OVER, Set.of(STARTING),
                  STARTING, Set.of(LEADING),
                  LEADING, Set.of(DRAINING))));

  TermState to(TermState next) {
    return MOVES.move(this, next);
  }

  /** Returns true if the term holds the lease, from acquiring it until the term ends. */
  boolean owns() {
    return this == TAKING_OVER || usesPartitions();
  }

  /**
   * Returns true if the term has begun on the partitions and so must end on them. Before a term has
   * begun on the partitions, another term may use them.
   */
  boolean usesPartitions() {
    return this == STARTING || this == LEADING || this == DRAINING;
  }
}

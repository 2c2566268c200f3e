package io.outboxrelay.replay;

import io.outboxrelay.deadletter.DeadLetterWriter;
import io.vertx.core.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One replay in the database, as a {@link ReplayRun} uses it: the events to publish and the stored
 * progress, on a connection of its own.
 */
interface ReplaySession {
  /** Prepares the query of the events. To be called once, before {@link #read}. */
  Future<Void> prepare();

  /**
   * Reads the next events.
   *
   * @param position the events have higher sequence numbers than this
   * @param most the most events to read
   */
  Future<ReplayBatch> read(long position, int most);

  /** Returns the writer of dead letters that a dispatcher needs; a replay writes none. */
  DeadLetterWriter deadLetters();

  /**
   * Stores the result of a batch; empty if this relay does not own shard 0 any more, or the replay
   * has ended in another way than by being cancelled.
   */
  Future<Optional<Replay>> note(ReplayProgressStore.Step step);

  /**
   * Stores the end of the replay; completes with true if it was running and this relay owns shard
   * 0.
   */
  Future<Boolean> end(ReplayState state, @Nullable String reason);

  /**
   * Resets the count of starts, because this relay leaves the replay to its successor in good
   * order.
   */
  Future<Void> leave();

  /** Closes the connection. */
  Future<Void> close();
}

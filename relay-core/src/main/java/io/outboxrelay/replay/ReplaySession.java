package io.outboxrelay.replay;

import io.outboxrelay.deadletter.DeadLetterWriter;
import io.vertx.core.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The access of a {@link ReplayRun} to the database, on a separate connection: it reads the events
 * to publish and stores the progress of one replay.
 */
interface ReplaySession {
  /** Prepares the query of the events. To be called once, before {@link #read}. */
  Future<Void> prepare();

  /**
   * Reads the next events.
   *
   * @param position the events have higher sequence numbers than this
   * @param most the highest number of events to read
   */
  Future<ReplayBatch> read(long position, int most);

  /** Returns the writer of dead letters that a dispatcher needs; a replay writes none. */
  DeadLetterWriter deadLetters();

  /**
   * Stores the result of a batch. Completes with the replay, or with empty if this relay does not
   * own shard 0 any more or the replay has ended. A replay that was cancelled during the batch is
   * still updated and returned.
   */
  Future<Optional<Replay>> note(ReplayProgressStore.Step step);

  /**
   * Stores the end of the replay. Completes with true if the replay was running and this relay owns
   * shard 0; otherwise changes nothing and completes with false.
   */
  Future<Boolean> end(ReplayState state, @Nullable String reason);

  /**
   * Resets the number of starts to 0, because this relay ends in good order and its successor
   * continues the replay.
   */
  Future<Void> leave();

  /** Closes the connection. */
  Future<Void> close();
}

package io.outboxrelay.replay;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Stores the progress of replays under one epoch of shard 0. Writes of a former owner change
 * nothing.
 */
final class ReplayProgressStore {
  private static final String OPEN =
      "select id from %1$s where state in ('requested', 'running') order by id";

  private static final String TAKE_UP =
      """
      update %1$s
      set state = 'running', starts = starts + $4, owner = $3,
          started_at = coalesce(started_at, now())
      where id = $1 and state in ('requested', 'running')
        and (select epoch from %2$s where shard = 0) = $2
      returning %3$s
      """;

  /**
   * Stores the result of a batch and selects the replay. The result also counts if the replay was
   * cancelled during the batch. Because there was progress, the number of starts is reset to 1,
   * which counts the current start.
   */
  private static final String NOTE =
      """
      update %1$s
      set position = $3, published = published + $4, rejected = rejected + $5,
          rejection = coalesce(rejection, $6), waiting = waiting + $7,
          dead_letters = dead_letters + $8, starts = 1
      where id = $1 and state in ('running', 'cancelled') and position <= $3
        and (select epoch from %2$s where shard = 0) = $2
      returning %3$s
      """;

  private static final String END =
      """
      update %1$s set state = $3, reason = $4, ended_at = now()
      where id = $1 and state = 'running' and (select epoch from %2$s where shard = 0) = $2
      """;

  private static final String LEAVE =
      """
      update %1$s set starts = 0
      where id = $1 and state = 'running' and (select epoch from %2$s where shard = 0) = $2
      """;

  private final OutboxNames names;
  private final String owner;
  private final long epoch;
  private final Duration patience;

  /**
   * @param owner the name to store as the relay that carries out the replays
   * @param patience the longest time to wait for an answer of the database
   */
  ReplayProgressStore(OutboxNames names, String owner, long epoch, Duration patience) {
    this.names = names;
    this.owner = owner;
    this.epoch = epoch;
    this.patience = patience;
  }

  /**
   * The result of one batch.
   *
   * @param rejection the reason of the batch's first rejection; null if no event was rejected
   */
  record Step(ReplayBatch replayBatch, int published, int rejected, @Nullable String rejection) {}

  /** Returns the shard and epoch under which progress is stored. */
  OwnerEpoch owner() {
    return new OwnerEpoch(0, epoch);
  }

  /**
   * Completes with the ids of the replays that are not finished, in the order in which they are
   * carried out.
   */
  Future<List<Long>> open(SqlClient database) {
    return execute(database, OPEN, Tuple.tuple())
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> row.getLong(0))
                    .toList());
  }

  /**
   * Starts or resumes a replay. Completes with the replay, or with empty if the replay is finished
   * or this relay does not own shard 0 any more.
   *
   * @param anew true if the number of starts is to be increased
   */
  Future<Optional<Replay>> takeUp(SqlClient database, long id, boolean anew) {
    return execute(database, TAKE_UP, Tuple.of(id, epoch, owner, anew ? 1 : 0))
        .map(ReplayProgressStore::first);
  }

  /**
   * Stores the result of a batch. Completes with the replay, or with empty if this relay does not
   * own shard 0 any more or the replay has ended. A replay that was cancelled during the batch is
   * still updated and returned.
   */
  Future<Optional<Replay>> note(SqlClient database, long id, Step step) {
    var values =
        Tuple.of(
            id,
            epoch,
            step.replayBatch.upTo(),
            step.published,
            step.rejected,
            step.rejection,
            step.replayBatch.leftOut().waiting(),
            step.replayBatch.leftOut().deadLetters());
    return execute(database, NOTE, values).map(ReplayProgressStore::first);
  }

  /**
   * Stores the end of a replay. Completes with true if the replay was running and this relay owns
   * shard 0; otherwise changes nothing and completes with false.
   */
  Future<Boolean> end(SqlClient database, long id, ReplayState state, @Nullable String reason) {
    return execute(database, END, Tuple.of(id, epoch, state.written(), reason))
        .map(rows -> rows.rowCount() == 1);
  }

  /**
   * Resets the number of starts to 0, because this relay ends in good order and its successor
   * continues the replay.
   */
  Future<Void> leave(SqlClient database, long id) {
    return execute(database, LEAVE, Tuple.of(id, epoch)).mapEmpty();
  }

  private Future<RowSet<Row>> execute(SqlClient database, String sql, Tuple values) {
    return database
        .preparedQuery(sql.formatted(names.replays(), names.checkpoint(), Replay.COLUMNS))
        .execute(values)
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Optional<Replay> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(Replay.of(rows.iterator().next()));
  }
}

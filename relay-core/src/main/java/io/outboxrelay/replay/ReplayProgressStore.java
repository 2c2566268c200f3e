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
 * Notes how far replays have come, in the name of one epoch of shard 0's ownership: what a former
 * owner still writes changes nothing.
 */
final class ReplayProgressStore {
  private static final String OPEN =
      "select id from %1$s where state in ('asked', 'running') order by id";

  private static final String TAKE_UP =
      """
      update %1$s
      set state = 'running', starts = starts + $4, owner = $3,
          started_at = coalesce(started_at, now())
      where id = $1 and state in ('asked', 'running')
        and (select epoch from %2$s where shard = 0) = $2
      returning %3$s
      """;

  /** What was sent of one that was cancelled meanwhile counts all the same. */
  private static final String NOTE =
      """
      update %1$s
      set position = $3, published = published + $4, rejected = rejected + $5,
          rejection = coalesce(rejection, $6), waiting = waiting + $7,
          dead_letters = dead_letters + $8, starts = 0
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
   * @param owner who to note as carrying them out
   * @param patience how long the database may leave a question unanswered
   */
  ReplayProgressStore(OutboxNames names, String owner, long epoch, Duration patience) {
    this.names = names;
    this.owner = owner;
    this.epoch = epoch;
    this.patience = patience;
  }

  /**
   * What became of one passage.
   *
   * @param rejection why the first was refused; null where none was
   */
  record Step(ReplayBatch replayBatch, int published, int rejected, @Nullable String rejection) {}

  /** In whose name it is noted. */
  OwnerEpoch owner() {
    return new OwnerEpoch(0, epoch);
  }

  /** The replays that are not over, in the order in which they are to be carried out. */
  Future<List<Long>> open(SqlClient database) {
    return execute(database, OPEN, Tuple.tuple())
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> row.getLong(0))
                    .toList());
  }

  /**
   * Takes a replay up; empty where it is over, or ours no longer.
   *
   * @param anew whether that is to be counted
   */
  Future<Optional<Replay>> takeUp(SqlClient database, long id, boolean anew) {
    return execute(database, TAKE_UP, Tuple.of(id, epoch, owner, anew ? 1 : 0))
        .map(ReplayProgressStore::first);
  }

  /** Notes a passage; empty where the replay is ours no longer. */
  Future<Optional<Replay>> note(SqlClient database, long id, Step step) {
    var values =
        Tuple.of(
            id,
            epoch,
            step.replayBatch.upTo(),
            step.published,
            step.rejected,
            step.rejection,
            step.replayBatch.waiting(),
            step.replayBatch.deadLetters());
    return execute(database, NOTE, values).map(ReplayProgressStore::first);
  }

  /** Notes that it is over; completes with whether it was still ours, and not over before. */
  Future<Boolean> end(SqlClient database, long id, ReplayState state, @Nullable String reason) {
    return execute(database, END, Tuple.of(id, epoch, state.written(), reason))
        .map(rows -> rows.rowCount() == 1);
  }

  /** Notes that it is left to a successor in good order. */
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

package io.outboxrelay.replay;

import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A session on a connection that is used only for one replay. The session closes the connection.
 */
final class SqlReplaySession implements ReplaySession {
  private static final long DEAD_LETTERS_AGAIN_MILLIS = 1_000;

  private final Database database;
  private final PgConnection connection;
  private final OutboxNames names;
  private final ReplayLimits limits;
  private final ReplayProgressStore progress;
  private final Replay replay;
  private @Nullable ReplayBatchQuery query;

  SqlReplaySession(
      Database database,
      PgConnection connection,
      OutboxNames names,
      ReplayLimits limits,
      ReplayProgressStore progress,
      Replay replay) {
    this.database = database;
    this.connection = connection;
    this.names = names;
    this.limits = limits;
    this.progress = progress;
    this.replay = replay;
  }

  @Override
  public Future<Void> prepare() {
    return OutboxTable.payloadType(connection, names)
        .map(
            payload -> {
              query =
                  new ReplayBatchQuery(
                      connection,
                      names,
                      EventColumns.of(connection, names.columns(), payload, limits.maxEventBytes()),
                      replay,
                      limits.batchBytes());
              return null;
            });
  }

  @Override
  public Future<ReplayBatch> read(long position, int most) {
    return Objects.requireNonNull(query, "the session is not prepared")
        .read(position, most)
        .timeout(limits.patience().toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public DeadLetterWriter deadLetters() {
    return new DeadLetterWriter(
        connection,
        names,
        progress.owner(),
        action -> database.vertx().setTimer(DEAD_LETTERS_AGAIN_MILLIS, passed -> action.run()));
  }

  @Override
  public Future<Optional<Replay>> note(ReplayProgressStore.Step step) {
    return progress.note(connection, replay.id(), step);
  }

  @Override
  public Future<Boolean> end(ReplayState state, @Nullable String reason) {
    return progress.end(connection, replay.id(), state, reason);
  }

  @Override
  public Future<Void> leave() {
    return progress.leave(connection, replay.id());
  }

  @Override
  public Future<Void> close() {
    return database.close(connection);
  }
}

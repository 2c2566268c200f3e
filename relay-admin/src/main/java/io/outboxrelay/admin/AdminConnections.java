package io.outboxrelay.admin;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.OperationRefusedException;
import io.outboxrelay.replay.ReplayRefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;

/**
 * Runs the database work of API requests: a few requests at a time, each on a connection of its
 * own. The requests therefore do not slow down the relay. Used on one event loop.
 */
final class AdminConnections {
  private static final int AT_A_TIME = 4;
  private static final int WAITING = 64;

  /**
   * The SQL that limits the time of each statement, because a request must not block other sessions
   * for long.
   */
  private static final String BOUNDS =
      "set statement_timeout = '20s'; set lock_timeout = '5s'; set"
          + " idle_in_transaction_session_timeout = '20s'";

  private final DatabaseConfig config;
  private final Database database;
  private final Queue<Promise<Void>> waiting = new ArrayDeque<>();
  private int inside;

  AdminConnections(Vertx vertx, DatabaseConfig config) {
    this.config = config;
    this.database = Database.create(vertx, config);
  }

  /**
   * Runs {@code work} on a new connection. If {@code work} refuses the request, fails with that
   * refusal; after any other failure, with {@link DatabaseException}.
   */
  <T> Future<T> visit(Function<PgConnection, Future<T>> work) {
    return enter()
        .compose(
            entered ->
                database
                    .connect()
                    .compose(
                        connection ->
                            connection
                                .query(BOUNDS)
                                .execute()
                                .compose(bound -> work.apply(connection))
                                .eventually(() -> database.close(connection)))
                    .recover(failure -> Future.failedFuture(told(failure)))
                    .eventually(this::leave));
  }

  private Future<Void> enter() {
    if (inside < AT_A_TIME) {
      inside++;
      return Future.succeededFuture();
    }
    if (waiting.size() >= WAITING) {
      return Future.failedFuture(
          new ApiException(
              503, "too many requests wait for the database already; try again in a while"));
    }
    Promise<Void> turn = Promise.promise();
    waiting.add(turn);
    return turn.future();
  }

  private Future<Void> leave() {
    var next = waiting.poll();
    if (next == null) {
      inside--;
    } else {
      next.complete();
    }
    return Future.succeededFuture();
  }

  private Throwable told(Throwable failure) {
    if (failure instanceof PgException answer && isOfTheValues(answer)) {
      return new ApiException(
          400,
          "the database refuses the value: " + answer.getErrorMessage() + "; nothing was done");
    }
    return failure instanceof OperationRefusedException
            || failure instanceof ReplayRefusedException
            || failure instanceof ApiException
        ? failure
        : DatabaseException.of(config, failure);
  }

  /**
   * Returns true if the database refused a value of the request, such as a text that is too long
   * for an index. The cause is then the request, because the statements themselves are tested.
   */
  private static boolean isOfTheValues(PgException answer) {
    String state = String.valueOf(answer.getSqlState());
    return state.startsWith("22") || state.startsWith("54") || state.equals("23514");
  }

  Future<Void> close() {
    return database.close();
  }
}

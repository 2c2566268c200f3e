package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Opens the database connections of one term and reports the loss of any of them. A lease is an
 * advisory lock of one of these sessions, so it is lost together with the connection of that
 * session. If another connection of the term is lost, the term ends as well, because state in
 * memory may be out of date on a new connection.
 *
 * <p>Use it on one event loop only.
 */
public final class LeaseLossMonitor {
  private final Vertx vertx;
  private final Database database;
  private final Consumer<Throwable> onLoss;
  private final List<Watched> open = new ArrayList<>();
  private boolean closed;

  /** A connection with the heartbeat that watches it. */
  public record Watched(PgConnection connection, ConnectionHeartbeat heartbeat) {}

  /**
   * @param onLoss called with the reason whenever a connection is lost, until {@link #close}
   */
  public LeaseLossMonitor(Vertx vertx, Database database, Consumer<Throwable> onLoss) {
    this.vertx = vertx;
    this.database = database;
    this.onLoss = onLoss;
  }

  /**
   * Opens one more connection; tries once.
   *
   * @param quiet the silence after which the heartbeat sends a query
   * @param patience the silence after which the connection counts as lost
   */
  public Future<Watched> open(Duration quiet, Duration patience) {
    return database.connect().compose(connection -> watch(connection, quiet, patience));
  }

  private Future<Watched> watch(PgConnection connection, Duration quiet, Duration patience) {
    if (closed) {
      return database
          .close(connection)
          .compose(gone -> Future.failedFuture("closed before the database had answered"));
    }
    if (!open.isEmpty() && !Database.areOfOneServer(open.get(0).connection(), connection)) {
      return database
          .close(connection)
          .compose(
              gone ->
                  Future.failedFuture(
                      VertxException.noStackTrace(
                          "the connections led to two servers, as while the database moves from one"
                              + " to the other")));
    }
    connection.closeHandler(gone -> lost(VertxException.noStackTrace("a connection was lost")));
    var watched =
        new Watched(
            connection, ConnectionHeartbeat.of(vertx, connection, quiet, patience, this::lost));
    open.add(watched);
    return Future.succeededFuture(watched);
  }

  /** Closes all connections, including one that is still being opened. Always succeeds. */
  public Future<Void> close() {
    closed = true;
    open.forEach(watched -> watched.heartbeat().stop());
    return Future.join(open.stream().map(watched -> database.close(watched.connection())).toList())
        .mapEmpty();
  }

  private void lost(Throwable reason) {
    if (!closed) {
      onLoss.accept(reason);
    }
  }
}

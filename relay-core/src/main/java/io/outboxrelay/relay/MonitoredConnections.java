package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The connections of one tenure. Where one of them is lost, the tenure is over: what was held in
 * memory may be wrong on the next.
 *
 * <p>Lives on one event loop.
 */
final class MonitoredConnections {
  private final Vertx vertx;
  private final Database database;
  private final Consumer<Throwable> onLoss;
  private final List<Watched> open = new ArrayList<>();
  private boolean closed;

  /** A connection, and whether the server is heard on it. */
  record Watched(PgConnection connection, ConnectionHeartbeat heartbeat) {}

  /**
   * @param onLoss told why a connection is of no use any more; until {@link #close}, and again for
   *     each
   */
  MonitoredConnections(Vertx vertx, Database database, Consumer<Throwable> onLoss) {
    this.vertx = vertx;
    this.database = database;
    this.onLoss = onLoss;
  }

  /**
   * Opens one more; tried once.
   *
   * @param quiet how long the server may have nothing to say before it is asked
   * @param patience the silence that counts as a loss
   */
  Future<Watched> open(Duration quiet, Duration patience) {
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

  /** Closes all, also one that is not open yet; always succeeds. */
  Future<Void> close() {
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

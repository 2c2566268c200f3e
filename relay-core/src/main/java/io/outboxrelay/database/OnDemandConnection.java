package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is opened when it is needed, kept while it is used, and opened again after it
 * was lost or released.
 *
 * <p>Use it on one event loop only.
 */
public final class OnDemandConnection {
  private final Database database;
  private final String settings;
  private @Nullable PgConnection connection;
  private @Nullable Future<PgConnection> connecting;
  private boolean closed;

  /**
   * @param settings SQL to execute on each new connection before it is used
   */
  public OnDemandConnection(Database database, String settings) {
    this.database = database;
    this.settings = settings;
  }

  /**
   * Completes with the connection; opens it if it is not open. Calls that arrive while it is being
   * opened share one attempt. Fails after {@link #close}.
   */
  public Future<PgConnection> get() {
    var open = connection;
    if (open != null) {
      return Future.succeededFuture(open);
    }
    var opening = connecting;
    if (opening == null) {
      opening = connect().onComplete(over -> connecting = null);
      // If the attempt has ended already, it must not be stored as the attempt that is under way.
      connecting = opening.isComplete() ? null : opening;
    }
    return opening;
  }

  /** Closes the connection, if there is one; the next {@link #get} opens another one. */
  public Future<Void> release() {
    var open = connection;
    connection = null;
    return open == null ? Future.succeededFuture() : database.close(open);
  }

  /**
   * Closes the connection, including one that is still being opened. No new connection can be
   * opened afterwards.
   */
  public Future<Void> close() {
    closed = true;
    return release();
  }

  private Future<PgConnection> connect() {
    return closed ? Future.failedFuture(closedAlready()) : database.connect().compose(this::set);
  }

  private Future<PgConnection> set(PgConnection opened) {
    return opened
        .query(settings)
        .execute()
        .transform(
            result ->
                result.succeeded()
                    ? keep(opened)
                    : database.close(opened).compose(gone -> Future.failedFuture(result.cause())));
  }

  private Future<PgConnection> keep(PgConnection opened) {
    if (closed) {
      return database.close(opened).compose(gone -> Future.failedFuture(closedAlready()));
    }
    connection = opened;
    opened.closeHandler(gone -> forget(opened));
    return Future.succeededFuture(opened);
  }

  private void forget(PgConnection gone) {
    if (connection == gone) {
      connection = null;
    }
  }

  private static VertxException closedAlready() {
    return VertxException.noStackTrace("the connection is no longer needed");
  }
}

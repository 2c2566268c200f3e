package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.spi.ConnectionFactory;

/**
 * Makes connections to the configured database.
 *
 * <p>Each belongs to its caller alone and is not pooled: what the relay holds on its connections
 * (advisory locks, LISTEN, planner settings) lives and dies with them.
 */
public final class Database {
  private final Vertx vertx;
  private final DatabaseConfig config;
  private final ConnectionFactory<PgConnectOptions> connections;

  private Database(
      Vertx vertx, DatabaseConfig config, ConnectionFactory<PgConnectOptions> connections) {
    this.vertx = vertx;
    this.config = config;
    this.connections = connections;
  }

  public static Database create(Vertx vertx, DatabaseConfig config) {
    return new Database(
        vertx,
        config,
        PgDriver.INSTANCE.createConnectionFactory(vertx, config.toTransportOptions()));
  }

  public DatabaseConfig config() {
    return config;
  }

  /**
   * A new connection on the caller's context; tried once. Fails with a {@link DatabaseException},
   * also where the server has not let us in within {@link DatabaseConfig#connectTimeout}, even if
   * it took the connection and says nothing.
   */
  public Future<PgConnection> connect() {
    Promise<PgConnection> first = Promise.promise();
    long timer =
        vertx.setTimer(config.connectTimeout().toMillis(), fired -> first.tryFail(silent()));
    connections
        .connect(vertx.getOrCreateContext(), config.toConnectOptions())
        .onComplete(
            connection -> {
              vertx.cancelTimer(timer);
              deliver(connection, first);
            },
            failure -> {
              vertx.cancelTimer(timer);
              first.tryFail(DatabaseException.whenConnecting(config, failure));
            });
    return first.future();
  }

  private static void deliver(SqlConnection connection, Promise<PgConnection> first) {
    if (!first.tryComplete(PgConnection.cast(connection))) {
      connection.close();
    }
  }

  private DatabaseException silent() {
    return DatabaseException.of(
        config,
        VertxException.noStackTrace(
            "no answer within "
                + config.connectTimeout().toMillis()
                + " ms (database.connect-timeout)"));
  }

  /** Ends making connections; those made are closed. */
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    connections.close(closed);
    return closed.future();
  }
}

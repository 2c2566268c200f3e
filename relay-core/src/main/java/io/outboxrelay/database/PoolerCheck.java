package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlClient;

/**
 * Makes sure that a connection has a session of its own, from one query to the next.
 *
 * <p>A pooler that shares sessions by transaction gives locks and settings to whoever gets the
 * session next: two relays could own a shard at once, and an application would find its planner
 * tied.
 */
public final class PoolerCheck {
  private static final String PID = "select pg_backend_pid()";

  private static final int TRIES = 5;

  private PoolerCheck() {}

  /** Fails with {@link DatabaseException.Refused} where the session is shared with others. */
  public static Future<Void> verify(Database database, PgConnection connection) {
    return pid(connection)
        .compose(
            pid ->
                // A pooler makes up the number that a client is told when it connects.
                pid == connection.processId()
                    ? Future.succeededFuture()
                    : verifyPooled(database, connection, pid));
  }

  /** Another client takes the session that became free last, and keeps it for a transaction. */
  private static Future<Void> verifyPooled(Database database, PgConnection connection, int pid) {
    return database
        .connect()
        .compose(
            other ->
                isKept(connection, pid, other, TRIES)
                    // a pooler that shares by statement refuses to begin
                    .otherwise(false)
                    .eventually(() -> database.close(other)))
        .compose(kept -> kept ? Future.succeededFuture() : Future.failedFuture(shared(database)));
  }

  /** A third may have left a session free in between, and that one is taken then. */
  private static Future<Boolean> isKept(
      PgConnection connection, int pid, PgConnection other, int tries) {
    return pid(connection)
        .compose(before -> other.query("begin").execute().map(before == pid))
        .compose(kept -> pid(connection).map(now -> kept && now == pid))
        .compose(kept -> other.query("rollback").execute().map(kept))
        .compose(
            kept ->
                kept && tries > 1
                    ? isKept(connection, pid, other, tries - 1)
                    : Future.succeededFuture(kept));
  }

  private static Future<Integer> pid(SqlClient connection) {
    return connection.query(PID).execute().map(rows -> rows.iterator().next().getInteger(0));
  }

  private static DatabaseException shared(Database database) {
    return DatabaseException.refused(
        database.config().summary()
            + " is behind a pooler that shares sessions among its clients, so locks would not stay"
            + " with the relay that took them; let the relay connect to the server itself, or have"
            + " the pooler keep a session for each of its connections (pool_mode = session)");
  }
}

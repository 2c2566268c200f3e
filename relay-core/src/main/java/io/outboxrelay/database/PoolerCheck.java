package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlClient;

/**
 * Verifies that a connection keeps its session from one query to the next.
 *
 * <p>If a pooler shares sessions by transaction, the locks and settings of a session pass on to its
 * next client: two relays could own a shard at once, and an application would run with the relay's
 * planner settings.
 */
public final class PoolerCheck {
  private static final String PID = "select pg_backend_pid()";

  private static final int TRIES = 5;

  private PoolerCheck() {}

  /** Fails with {@link DatabaseException.Refused} if the session is shared with other clients. */
  public static Future<Void> verify(Database database, PgConnection connection) {
    return pid(connection)
        .compose(
            pid ->
                // If this differs, there is a pooler: the process id from the log-in is then not
                // the id of the server's process.
                pid == connection.processId()
                    ? Future.succeededFuture()
                    : verifyPooled(database, connection, pid));
  }

  /**
   * Fails if the pooler shares sessions. To find out, opens a second connection and begins a
   * transaction on it: until that transaction ends, a pooler that shares sessions would give the
   * second connection the session that became free last, which is that of {@code connection}.
   */
  private static Future<Void> verifyPooled(Database database, PgConnection connection, int pid) {
    return database
        .connect()
        .compose(
            other ->
                isKept(connection, pid, other, TRIES)
                    // A pooler that shares by statement refuses the statement {@code begin}.
                    .otherwise(false)
                    .eventually(() -> database.close(other)))
        .compose(kept -> kept ? Future.succeededFuture() : Future.failedFuture(shared(database)));
  }

  /**
   * Returns true if the connection keeps its session in each of several tries. One try is not
   * enough, because a third client may have freed another session meanwhile, and the second
   * connection would then take that session.
   */
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

package io.outboxrelay.window;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * Identifies a database and a stretch of its history in which it has not gone back.
 *
 * <p>After a crash, a fail-over or a restore, a server can assign transaction ids that it had
 * assigned before. A position in the outbox that is stored outside of the database did not go back
 * with it, so it would confirm events that are written later. The history differs then, because the
 * server discards its statistics when it recovers from a crash or begins as a copy, and because a
 * promoted standby begins a timeline.
 */
public final class DatabaseHistory {
  private static final String STATISTICS =
      "select coalesce(extract(epoch from stats_reset)::text, '') from pg_stat_bgwriter";

  private static final String TIMELINE =
      "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

  private DatabaseHistory() {}

  /**
   * Reads the history as a text that is equal as long as the database has not gone back. It can
   * also change if an operator resets the server's statistics.
   */
  public static Future<String> read(SqlConnection connection) {
    return DatabaseIdentity.read(connection)
        .compose(
            identity ->
                one(connection, STATISTICS)
                    .compose(
                        reset ->
                            timeline(connection)
                                .map(
                                    timeline ->
                                        "%s/%s/%s/%s"
                                            .formatted(
                                                identity.system(),
                                                identity.database(),
                                                timeline,
                                                reset))));
  }

  /** Some hosted databases do not let a role ask for it; the statistics tell enough there. */
  private static Future<String> timeline(SqlConnection connection) {
    return one(connection, TIMELINE).otherwise("");
  }

  private static Future<String> one(SqlConnection connection, String sql) {
    return connection.query(sql).execute().map(rows -> rows.iterator().next().getString(0));
  }
}

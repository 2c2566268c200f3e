package io.outboxrelay.window;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * Identifies a database, and the period in which its state was never set back to an earlier one.
 *
 * <p>After a crash, a fail-over or a restore, a server can assign transaction ids that it had
 * assigned before. A position in the outbox that is stored outside of the database is not set back
 * with it, so it would confirm events that are written later. A comparison of histories detects
 * this: a server discards its statistics when it recovers from a crash or is started as a copy, and
 * a promoted standby begins a new timeline.
 */
public final class DatabaseHistory {
  private static final String STATISTICS =
      "select coalesce(extract(epoch from stats_reset)::text, '') from pg_stat_bgwriter";

  private static final String TIMELINE =
      "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

  private DatabaseHistory() {}

  /**
   * Reads the history as a text, which changes if the database is set back. It also changes if an
   * operator resets the server's statistics.
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

  /**
   * Completes with the server's timeline as a text. The text is empty if the role may not read the
   * timeline, which is the case on some hosted databases. Then only the statistics show that the
   * database was set back.
   */
  private static Future<String> timeline(SqlConnection connection) {
    return one(connection, TIMELINE).otherwise("");
  }

  private static Future<String> one(SqlConnection connection, String sql) {
    return connection.query(sql).execute().map(rows -> rows.iterator().next().getString(0));
  }
}

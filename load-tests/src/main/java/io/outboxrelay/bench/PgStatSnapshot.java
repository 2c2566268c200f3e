package io.outboxrelay.bench;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * PostgreSQL's counters at one moment.
 *
 * @param wal bytes written to the WAL
 * @param statements statements run; -1 if {@code pg_stat_statements} is not installed
 * @param transactions transactions committed
 * @param ids transaction ids assigned by the cluster
 */
record PgStatSnapshot(long wal, long statements, long transactions, long ids) {
  static PgStatSnapshot of(BenchmarkEnvironment stage) throws SQLException {
    try (var connection = stage.database.connect()) {
      long wal =
          number(connection, "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");
      boolean counted =
          number(
                  connection,
                  "select count(*) from pg_extension where extname = 'pg_stat_statements'")
              > 0;
      long statements =
          counted ? number(connection, "select sum(calls)::bigint from pg_stat_statements") : -1;
      long transactions =
          number(
              connection,
              "select xact_commit from pg_stat_database where datname = current_database()");
      long ids = number(connection, "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
      return new PgStatSnapshot(wal, statements, transactions, ids);
    }
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}

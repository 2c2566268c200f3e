package io.outboxrelay.window;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cluster and the database that transaction ids belong to. In another cluster or database, an
 * equal id belongs to a different transaction.
 *
 * @param system the cluster's system identifier; null if it is not known
 * @param database the database's oid; null if it is not known
 */
record DatabaseIdentity(@Nullable Long system, @Nullable Long database) {
  /**
   * Asks if the role may read the system identifier. Every role may, unless a DBA has revoked the
   * privilege.
   */
  private static final String MAY_ASK =
      "select has_function_privilege('pg_control_system()', 'execute')";

  private static final String DATABASE =
      "(select oid::bigint from pg_database where datname = current_database())";

  /** Reads the identity of the database that {@code connection} is connected to. */
  static Future<DatabaseIdentity> read(SqlConnection connection) {
    return connection
        .query(MAY_ASK)
        .execute()
        .map(rows -> rows.iterator().next().getBoolean(0))
        .compose(
            may ->
                connection
                    .query(
                        may
                            ? "select system_identifier, " + DATABASE + " from pg_control_system()"
                            : "select null::bigint, " + DATABASE)
                    .execute())
        .map(rows -> rows.iterator().next())
        .map(row -> new DatabaseIdentity(row.getLong(0), row.getLong(1)));
  }

  /** Returns true if a value that is known in both identities differs. */
  boolean contradicts(DatabaseIdentity other) {
    return differ(system, other.system) || differ(database, other.database);
  }

  private static boolean differ(@Nullable Long one, @Nullable Long other) {
    return one != null && other != null && !Objects.equals(one, other);
  }

  @Override
  public String toString() {
    return "the database with the oid %s of the cluster with the system identifier %s"
        .formatted(
            database == null ? "(unknown)" : database, system == null ? "(unknown)" : system);
  }
}

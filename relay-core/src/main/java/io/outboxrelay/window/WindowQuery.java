package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Asks the database what is visible now, where a window begins. */
final class WindowQuery {
  /**
   * One statement: the transaction id is taken after the snapshot, which makes it a fence, and so
   * is the sequence's value.
   */
  private static final String OPEN =
      "select pg_current_snapshot()::text, pg_current_xact_id()::text::bigint,"
          + " (select last_value from %1$s),"
          + " %2$s";

  private static final String LAST = "select last_value from %s";

  private final SqlConnection connection;
  private final String open;
  private final String last;

  WindowQuery(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.open = OPEN.formatted(names.sequence(), TrustedRole.calls(names));
    this.last = LAST.formatted(names.sequence());
  }

  /**
   * What a window begins with.
   *
   * @param fence a transaction id taken after the snapshot
   * @param last a sequence number above which the snapshot sees nothing
   * @param called whether somebody calls all owners to let go of their shards
   */
  record Opening(Snapshot snapshot, long fence, long last, boolean called) {}

  Future<Opening> open() {
    return connection
        .preparedQuery(open)
        .execute()
        .map(
            rows -> {
              var row = rows.iterator().next();
              return new Opening(
                  Snapshot.parse(row.getString(0)),
                  row.getLong(1),
                  row.getLong(2),
                  row.getBoolean(3));
            });
  }

  /** A sequence number above which no snapshot taken so far sees anything. */
  Future<Long> last() {
    return connection.preparedQuery(last).execute().map(rows -> rows.iterator().next().getLong(0));
  }
}

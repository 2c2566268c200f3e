package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Asks the database up to which number a window that is resumed must be read. */
final class WindowQuery {
  private static final String LAST = "select last_value from %s";

  private final SqlConnection connection;
  private final String last;
  private final String sequence;

  WindowQuery(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.sequence = names.sequence();
    this.last = LAST.formatted(names.sequence());
  }

  /** The name of the sequence in SQL. */
  String sequence() {
    return sequence;
  }

  /** A sequence number above which no snapshot taken so far sees anything. */
  Future<Long> last() {
    return connection.preparedQuery(last).execute().map(rows -> rows.iterator().next().getLong(0));
  }
}

package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Reads up to which sequence number a resumed window must be read. */
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

  /** Returns the name of the sequence in SQL. */
  String sequence() {
    return sequence;
  }

  /** Completes with a sequence number; no snapshot taken so far sees an event above it. */
  Future<Long> last() {
    return connection.preparedQuery(last).execute().map(rows -> rows.iterator().next().getLong(0));
  }
}

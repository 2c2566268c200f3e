package io.outboxrelay.check;

import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** One check of the database. */
@FunctionalInterface
interface DatabaseCheck {
  /**
   * Completes with the findings; changes nothing. The future may fail if the connection or a query
   * fails, and the caller makes a finding of the failure.
   */
  Future<List<Finding>> examine(PgConnection connection);
}

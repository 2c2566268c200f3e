package io.outboxrelay.check;

import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** One check of the database. */
@FunctionalInterface
interface DatabaseCheck {
  /**
   * Completes with the findings and changes nothing. It may fail if the connection or a query
   * fails; the caller makes a finding of that.
   */
  Future<List<Finding>> examine(PgConnection connection);
}

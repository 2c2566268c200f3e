package io.outboxrelay.check;

import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Looks at one thing in the database. */
@FunctionalInterface
interface DatabaseCheck {
  /** Changes nothing; a failure of the connection or a query may be left to the caller. */
  Future<List<Finding>> examine(PgConnection connection);
}

package io.outboxrelay.check;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.PoolerCheck;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Checks that a connection keeps its session, because locks and settings belong to the session. */
final class SessionCheck implements DatabaseCheck {
  private final Database database;

  SessionCheck(Database database) {
    this.database = database;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return PoolerCheck.verify(database, connection)
        .map(
            kept ->
                List.of(
                    Finding.ok(
                        "each connection has a session of its own, so no pooler shares them")));
  }
}

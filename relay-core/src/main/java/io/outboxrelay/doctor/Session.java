package io.outboxrelay.doctor;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.KeptSession;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Whether a connection keeps its session, as locks and settings belong to that. */
final class Session implements Examination {
  private final Database database;

  Session(Database database) {
    this.database = database;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return KeptSession.verify(database, connection)
        .map(kept -> List.of(Finding.ok("a connection has a session of its own")));
  }
}

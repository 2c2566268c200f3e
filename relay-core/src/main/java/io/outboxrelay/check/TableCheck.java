package io.outboxrelay.check;

import io.outboxrelay.outbox.InitRights;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Checks that the outbox exists, and that the relay's role may use its schema. */
final class TableCheck implements DatabaseCheck {
  private final InitRights rights;

  TableCheck(InitRights rights) {
    this.rights = rights;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return Future.succeededFuture(List.of(finding()));
  }

  private Finding finding() {
    String absent = "the table " + rights.names().outbox() + " is not there";
    if (!rights.tableIsThere()) {
      return rights
          .obstacle()
          .map(obstacle -> Finding.problem(absent + "; " + obstacle.seen(), obstacle.remedy()))
          .orElseGet(
              () ->
                  Finding.problem(
                      absent, "run the command init, or set outbox.schema and outbox.table"));
    }
    String schema = rights.names().schema();
    return rights.schema().mayUse()
        ? Finding.ok("the table " + rights.names().outbox() + " is there")
        : Finding.problem(
            "the role " + rights.role() + " may not use the schema " + schema,
            "grant usage on schema %s to %s"
                .formatted(OutboxNames.quoted(schema), OutboxNames.quoted(rights.role())));
  }
}

package io.outboxrelay.check;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Checks that row-level security hides no rows of the relay's tables from its role. */
final class RowSecurity implements DatabaseCheck {
  private static final String FIND =
      """
      select name, current_user::text
      from unnest($1::text[]) name
      where to_regclass(name) is not null and row_security_active(to_regclass(name)::oid)
      """;

  private final OutboxNames names;

  RowSecurity(OutboxNames names) {
    this.names = names;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    String[] tables = {names.outbox(), names.checkpoint(), names.deadLetter()};
    return connection
        .preparedQuery(FIND)
        .execute(Tuple.tuple().addArrayOfString(tables))
        .map(
            rows -> {
              var findings = new ArrayList<Finding>();
              rows.forEach(row -> findings.add(problem(row.getString(0), row.getString(1))));
              return findings.isEmpty()
                  ? List.of(Finding.ok("row-level security hides no rows from the relay's role"))
                  : findings;
            });
  }

  private static Finding problem(String table, String role) {
    return Finding.problem(
        "row-level security is active on "
            + table
            + " for the role "
            + role
            + ": PostgreSQL refuses the relay's queries, because the relay would never publish events"
            + " that are hidden from it",
        "alter role %s bypassrls, or alter table %s disable row level security"
            .formatted(role, table));
  }
}

package io.outboxrelay.check;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that no table is unlogged. PostgreSQL empties an unlogged table after a crash, and events
 * that were not published would be lost.
 */
final class PersistenceCheck implements DatabaseCheck {
  private static final String UNLOGGED =
      """
      select name from unnest($1::text[]) name
      where exists (select from pg_class where oid = to_regclass(name) and relpersistence = 'u')
      """;

  private final OutboxNames names;

  PersistenceCheck(OutboxNames names) {
    this.names = names;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    String[] tables = {
      names.outbox(), names.checkpoint(), names.deadLetter(), names.account(), names.pause()
    };
    return connection
        .preparedQuery(UNLOGGED)
        .execute(Tuple.tuple().addArrayOfString(tables))
        .map(
            rows -> {
              var findings = new ArrayList<Finding>();
              rows.forEach(row -> findings.add(finding(row.getString(0))));
              return findings;
            });
  }

  private static Finding finding(String table) {
    return Finding.problem(
        "the table %s is unlogged, so a crash of the server empties it".formatted(table),
        "alter table %s set logged".formatted(table));
  }
}

package io.outboxrelay.doctor;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Whether the outbox is there, and its schema open to the relay's role. */
final class Table implements Examination {
  /** By the catalog and not by name, as naming a table of a closed schema is an error. */
  private static final String FIND =
      """
      select current_user, n.oid is not null,
             n.oid is not null and has_schema_privilege(n.oid, 'usage'), c.oid is not null
      from (values ($1::text, $2::text)) as named (schema, name)
      left join pg_namespace n on n.nspname = named.schema
      left join pg_class c
        on c.relnamespace = n.oid and c.relname = named.name and c.relkind in ('r', 'p')
      """;

  private final OutboxConfig config;

  Table(OutboxConfig config) {
    this.config = config;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return connection
        .preparedQuery(FIND)
        .execute(Tuple.of(config.schema(), config.table()))
        .map(rows -> List.of(finding(rows.iterator().next())));
  }

  private Finding finding(Row row) {
    String table = config.names().outbox();
    if (!row.getBoolean(1) || (row.getBoolean(2) && !row.getBoolean(3))) {
      return Finding.problem(
          "the table " + table + " is not there",
          "run the command init, or set outbox.schema and outbox.table");
    }
    if (!row.getBoolean(2)) {
      return Finding.problem(
          "the role " + row.getString(0) + " may not use the schema " + config.schema(),
          "grant usage on schema \"%s\" to \"%s\"".formatted(config.schema(), row.getString(0)));
    }
    return Finding.ok("the table " + table + " is there");
  }
}

package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.LinkedHashMap;
import java.util.Map;

/** How much of the disk the tables that can grow take, with their indexes and long values. */
public final class TableSizes {
  private static final String READ =
      """
      select kind, pg_total_relation_size(to_regclass(name))
      from unnest(array['outbox', 'dead-letter', 'audit'], $1::text[]) as growing (kind, name)
      where to_regclass(name) is not null
      """;

  private TableSizes() {}

  /** In bytes, by {@code outbox}, {@code dead-letter} and {@code audit}. */
  public static Future<Map<String, Long>> read(SqlClient database, OutboxNames names) {
    String[] growing = {names.outbox(), names.deadLetter(), names.audit()};
    return database
        .preparedQuery(READ)
        .execute(Tuple.tuple().addArrayOfString(growing))
        .map(
            rows -> {
              var sizes = new LinkedHashMap<String, Long>();
              rows.forEach(row -> sizes.put(row.getString(0), row.getLong(1)));
              return sizes;
            });
  }
}

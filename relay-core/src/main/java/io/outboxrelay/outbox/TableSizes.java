package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the disk space of the tables that can grow, including their indexes and TOAST data. */
public final class TableSizes {
  private static final String READ =
      """
      select kind, %s
      from unnest(array['outbox', 'dead-letter', 'audit'], $1::text[]) as growing (kind, name)
      where to_regclass(name) is not null
      """;

  private static final String SIZE = "pg_total_relation_size(to_regclass(name))";

  /**
   * An SQL expression for the size of a table: the sum of its partitions if it is partitioned,
   * because a partitioned table itself has no size.
   */
  private static final String WITH_PARTITIONS =
      "coalesce((select sum(pg_total_relation_size(relid))::bigint"
          + " from pg_partition_tree(to_regclass(name))), "
          + SIZE
          + ")";

  private TableSizes() {}

  /**
   * Completes with the number of bytes of each table, under the keys {@code outbox}, {@code
   * dead-letter} and {@code audit}. A table that does not exist is left out.
   */
  public static Future<Map<String, Long>> read(SqlClient database, OutboxNames names) {
    String[] growing = {names.outbox(), names.deadLetter(), names.audit()};
    return database
        .preparedQuery(READ.formatted(names.columns().isMapped() ? WITH_PARTITIONS : SIZE))
        .execute(Tuple.tuple().addArrayOfString(growing))
        .map(
            rows -> {
              var sizes = new LinkedHashMap<String, Long>();
              rows.forEach(row -> sizes.put(row.getString(0), row.getLong(1)));
              return sizes;
            });
  }
}

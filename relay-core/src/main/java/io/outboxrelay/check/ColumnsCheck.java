package io.outboxrelay.check;

import io.outboxrelay.outbox.NeededColumns;
import io.outboxrelay.outbox.Numbering;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks that every column exists, with a type that the relay reads and the default that it relies
 * on.
 */
final class ColumnsCheck implements DatabaseCheck {
  private static final String COLUMNS =
      """
      select a.attname, format_type(a.atttypid, null), a.attnotnull,
             pg_get_expr(d.adbin, d.adrelid),
             exists (select from pg_index i
                     where i.indrelid = a.attrelid and i.indisunique and i.indisvalid
                       and i.indpred is null and i.indkey[0] = a.attnum and i.indnkeyatts = 1),
             %s
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
      """
          .formatted(NeededColumns.readAs("t"));

  private static final SortedMap<String, Set<String>> TYPES = new TreeMap<>(NeededColumns.TYPES);

  private final OutboxNames names;

  ColumnsCheck(OutboxNames names) {
    this.names = names;
  }

  private record Column(
      String type, boolean required, @Nullable String orElse, boolean unique, String readAs) {
    static Column of(Row row) {
      return new Column(
          row.getString(1),
          row.getBoolean(2),
          row.getString(3),
          row.getBoolean(4),
          row.getString(5));
    }
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return connection
        .preparedQuery(COLUMNS)
        .execute(Tuple.of(names.outbox()))
        .map(
            rows -> {
              var columns = new HashMap<String, Column>();
              rows.forEach(row -> columns.put(row.getString(0), Column.of(row)));
              return findings(columns);
            });
  }

  private List<Finding> findings(Map<String, Column> columns) {
    var findings = new ArrayList<Finding>();
    TYPES.forEach((name, types) -> look(name, types, columns.get(name), findings));
    return findings.isEmpty()
        ? List.of(Finding.ok("its columns and their defaults are as the relay needs them"))
        : findings;
  }

  private void look(
      String name, Set<String> types, @Nullable Column column, List<Finding> findings) {
    if (column == null) {
      findings.add(
          Finding.problem(
              "the column " + name + " is not there", "add it as the command init --print has it"));
    } else if (!types.contains(column.readAs)) {
      findings.add(
          Finding.problem(
              "the column " + name + " is of type " + column.type,
              "make it " + String.join(" or ", types.stream().sorted().toList())));
    } else {
      lookAtDefault(name, column, findings);
    }
  }

  private void lookAtDefault(String name, Column column, List<Finding> findings) {
    switch (name) {
      case "xid" -> xid(column, findings);
      case "seq" -> seq(column, findings);
      case "id" -> id(column, findings);
      default -> {}
    }
  }

  private void xid(Column xid, List<Finding> findings) {
    if (!Numbering.isOwnTransactionId(xid.orElse) || !xid.required) {
      findings.add(
          Finding.problem(
              "the column xid is not always the transaction's own id, so events could be lost",
              "alter table %s alter xid set default pg_current_xact_id(), alter xid set not null"
                  .formatted(names.outbox())));
    }
  }

  private void seq(Column seq, List<Finding> findings) {
    if (!Numbering.isNumberedAfterTransactionId(seq.orElse)) {
      findings.add(
          Finding.problem(
              "the column seq is not numbered after the transaction has its id, so events could"
                  + " be lost",
              "alter table %s alter seq set default case when pg_current_xact_id() is not null then nextval('%s') end"
                  .formatted(names.outbox(), names.sequence().replace("'", "''"))));
    }
    if (!seq.unique) {
      findings.add(
          Finding.problem(
              "the column seq has no unique index, so every page would scan the table",
              "alter table %s add primary key (seq)".formatted(names.outbox())));
    }
  }

  private void id(Column id, List<Finding> findings) {
    if (id.orElse == null) {
      findings.add(
          Finding.warning(
              "the column id has no default, so every event has to bring its own",
              "alter table %s alter id set default gen_random_uuid()".formatted(names.outbox())));
    }
  }
}

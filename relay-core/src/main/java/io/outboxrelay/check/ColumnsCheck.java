package io.outboxrelay.check;

import io.outboxrelay.outbox.NeededColumns;
import io.outboxrelay.outbox.Numbering;
import io.outboxrelay.outbox.OutboxColumn;
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
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks that every column exists, has a type that the relay can read, and has the default on which
 * the relay relies.
 */
final class ColumnsCheck implements DatabaseCheck {
  private static final String COLUMNS =
      """
      select a.attname, format_type(a.atttypid, null), a.attnotnull,
             pg_get_expr(d.adbin, d.adrelid),
             exists (select from pg_index i
                     where i.indrelid = a.attrelid and i.indisunique and i.indisvalid
                       and i.indpred is null and i.indkey[0] = a.attnum and i.indnkeyatts = 1),
             %s, %s,
             exists (select from pg_index i
                     where i.indrelid = a.attrelid and i.indisvalid and i.indpred is null
                       and i.indkey[0] = a.attnum)
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
      """
          .formatted(NeededColumns.readAs("t"), NeededColumns.base("t"));

  private final OutboxNames names;

  ColumnsCheck(OutboxNames names) {
    this.names = names;
  }

  /**
   * A column as the server describes it.
   *
   * @param types the type of the column, the type as which the relay reads it, and its base type
   * @param orElse the default; null if there is none
   * @param indexed says if there is a unique index of this column alone, and if any index begins
   *     with this column
   */
  private record Column(Types types, boolean required, @Nullable String orElse, Indexed indexed) {
    private record Types(String own, String readAs, String base) {}

    private record Indexed(boolean uniquely, boolean atAll) {}

    static Column of(Row row) {
      return new Column(
          new Types(row.getString(1), row.getString(5), row.getString(6)),
          row.getBoolean(2),
          row.getString(3),
          new Indexed(row.getBoolean(4), row.getBoolean(7)));
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
    new TreeMap<>(NeededColumns.types(names.columns()))
        .forEach((name, types) -> look(name, types, columns.get(name), findings));
    return findings.isEmpty()
        ? List.of(Finding.ok("its columns and their defaults are as the relay needs them"))
        : findings;
  }

  private void look(
      String name, Set<String> types, @Nullable Column column, List<Finding> findings) {
    if (column == null) {
      if (names.columns().further().mayLack(name)) {
        return;
      }
      findings.add(Finding.problem("the column " + name + " is not there", missing(name)));
    } else if (!NeededColumns.isReadable(
        names.columns(), types, column.types.base, column.types.readAs)) {
      findings.add(
          Finding.problem(
              "the column " + name + " is of type " + column.types.own,
              "make it " + String.join(" or ", types.stream().sorted().toList())));
    } else {
      lookAtDefault(name, column, findings);
    }
  }

  private void lookAtDefault(String name, Column column, List<Finding> findings) {
    if (isColumn(OutboxColumn.XID, name)) {
      xid(column, findings);
    } else if (isColumn(OutboxColumn.SEQ, name)) {
      seq(column, findings);
    } else if (isColumn(OutboxColumn.ID, name) && !names.columns().isMapped()) {
      id(column, findings);
    }
  }

  private boolean isColumn(OutboxColumn column, String name) {
    return names.columns().required(column).equals(name);
  }

  private String missing(String name) {
    if (!names.columns().isMapped()) {
      return "add it as the command init --print has it";
    }
    return names.columns().added().contains(name)
        ? "run the command init --adopt, which adds it"
        : "name another column in "
            + names.columns().settingOf(name)
            + (names.columns().mayBeAbsent(name) ? ", or none" : "");
  }

  private String sql(OutboxColumn column) {
    return names.columns().sql(column);
  }

  private void xid(Column xid, List<Finding> findings) {
    // A row that was written before its table was adopted has no transaction id.
    boolean mayBeNull = names.columns().isMapped();
    if (!Numbering.isOwnTransactionId(xid.orElse) || !(xid.required || mayBeNull)) {
      findings.add(
          Finding.problem(
              "the column %s is not always the transaction's own id, so events could be lost"
                  .formatted(names.columns().required(OutboxColumn.XID)),
              "alter table %1$s alter %2$s set default pg_current_xact_id()%3$s"
                  .formatted(
                      names.outbox(),
                      sql(OutboxColumn.XID),
                      mayBeNull ? "" : ", alter xid set not null")));
    }
  }

  private void seq(Column seq, List<Finding> findings) {
    if (!Numbering.isNumberedAfterTransactionId(seq.orElse)) {
      findings.add(
          Finding.problem(
              "the column %s is not numbered after the transaction has its id, so events could"
                      .formatted(names.columns().required(OutboxColumn.SEQ))
                  + " be lost",
              "alter table %s alter %s set default case when pg_current_xact_id() is not null then nextval('%s') end"
                  .formatted(
                      names.outbox(), sql(OutboxColumn.SEQ), names.sequence().replace("'", "''"))));
    }
    // An adopted table may be partitioned. Its unique indexes must contain the partition key, so
    // there may be no unique index of this column alone.
    if (!(names.columns().isMapped() ? seq.indexed.atAll : seq.indexed.uniquely)) {
      findings.add(
          names.columns().isMapped()
              ? Finding.problem(
                  "the column %s has no index, so every page would scan the table"
                      .formatted(names.columns().required(OutboxColumn.SEQ)),
                  "run the command init --adopt, which creates it")
              : Finding.problem(
                  "the column seq has no unique index; without any index, every page scans the"
                      + " table",
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

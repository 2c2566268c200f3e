package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table that {@code init} has not created, as the catalog describes it.
 *
 * @param columns the columns by name
 * @param reserved how many sequence numbers are reserved for existing rows; null if there is no
 *     sequence
 */
record ForeignTable(
    Map<String, Column> columns, State state, List<Partition> partitions, @Nullable Long reserved) {
  /**
   * A column.
   *
   * @param required true if the column may not be null
   * @param orElse the default as an SQL expression; null if there is none
   * @param identifies true if a unique index on the column excludes equal values, at least within a
   *     partition
   * @param isIndexed true if the column is the first column of a valid index
   */
  record Column(
      Type type, boolean required, @Nullable String orElse, boolean identifies, boolean isIndexed) {
    /**
     * The type of a column.
     *
     * @param base the name of the type; for a domain, the name of the type on which the domain is
     *     based
     * @param readAs the type as which the relay reads the column, see {@link NeededColumns#readAs}
     */
    record Type(String base, String readAs) {
      static Type of(Row row) {
        return new Type(row.getString(1), row.getString(2));
      }
    }
  }

  /**
   * The state of the whole table.
   *
   * @param isPartitioned true if the table is partitioned declaratively
   * @param hasRows true if the table holds rows
   * @param isPaired true if a constraint demands that a row has either both a transaction id and a
   *     sequence number, or neither
   * @param isInstalled true if {@code init} has created the relay's own tables
   * @param writers the names, in SQL, of the roles that may insert into the table but may not use
   *     the sequence
   */
  record State(
      boolean isPartitioned,
      boolean hasRows,
      boolean isPaired,
      boolean isInstalled,
      List<String> writers) {}

  /**
   * A partition that can hold rows. A table that is not partitioned counts as a single partition of
   * itself.
   *
   * @param name the name of the partition in SQL
   * @param newIndex the index that the adoption creates on the sequence numbers of the partition
   * @param isDirect true if the outbox's table is the direct parent of the partition
   * @param index the name in SQL of the existing index on the sequence number; null if there is
   *     none
   */
  record Partition(String name, NewIndex newIndex, boolean isDirect, @Nullable String index) {
    /**
     * An index that the adoption creates.
     *
     * @param name the name in SQL, without the schema
     * @param schema the name of the schema in SQL
     * @param isBroken true if an index of this name exists but its creation was not completed
     */
    record NewIndex(String name, String schema, boolean isBroken) {
      String qualified() {
        return schema + "." + name;
      }
    }
  }

  /**
   * The name of the constraint that demands either both a transaction id and a sequence number, or
   * neither.
   */
  static final String PAIRED = "outbox_xid_and_seq";

  private static final String COLUMNS =
      """
      select a.attname, %s, %s, a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
             exists (select from pg_index i
                     where i.indrelid = a.attrelid and i.indisunique and i.indisvalid
                       and i.indpred is null and i.indexprs is null
                       and a.attnum = any (i.indkey::int2[])
                       and i.indkey::int2[] <@ (array[a.attnum] || coalesce(p.partattrs::int2[], '{}'))),
             exists (select from pg_index i
                     where i.indrelid = a.attrelid and i.indisvalid and i.indpred is null
                       and i.indkey[0] = a.attnum)
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      left join pg_partitioned_table p on p.partrelid = a.attrelid
      where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
      """
          .formatted(NeededColumns.base("t"), NeededColumns.readAs("t"));

  private static final String STATE =
      """
      select c.relkind = 'p', exists (select from %1$s),
             exists (select from pg_constraint where conrelid = c.oid and conname = $2),
             to_regclass($3) is not null,
             (select coalesce(array_agg(distinct writer), '{}') from (
                select case when acl.grantee = 0 then 'public' else quote_ident(r.rolname) end
                from (select (aclexplode(relacl)).* from pg_class where oid = c.oid
                      union all
                      select (aclexplode(attacl)).* from pg_attribute where attrelid = c.oid
                      union all
                      select c.relowner, c.relowner, 'INSERT', false) acl
                left join pg_roles r on r.oid = acl.grantee
                where acl.privilege_type = 'INSERT' and r.rolname is distinct from current_user
                  and case when s.seqrelid is null then true
                           when acl.grantee = 0 then not exists (
                             select from pg_class sc, aclexplode(sc.relacl) held
                             where sc.oid = s.seqrelid and held.grantee = 0
                               and held.privilege_type = 'USAGE')
                           else not has_sequence_privilege(acl.grantee, s.seqrelid, 'usage') end
              ) granted (writer)),
             s.seqstart - 1
      from pg_class c left join pg_sequence s on s.seqrelid = to_regclass($4)
      where c.oid = to_regclass($1)
      """;

  private static final String PARTITIONS =
      """
      select format('%I.%I', n.nspname, c.relname), quote_ident(left(c.relname, 50) || '_relay_seq'),
             quote_ident(n.nspname), tree.is_direct,
             (select format('%I.%I', n.nspname, ic.relname)
              from pg_index i join pg_class ic on ic.oid = i.indexrelid
              join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
              where i.indrelid = c.oid and a.attname = $2 and i.indisvalid and i.indpred is null
              limit 1),
             exists (select from pg_index i join pg_class ic on ic.oid = i.indexrelid
                     where i.indrelid = c.oid and ic.relname = left(c.relname, 50) || '_relay_seq'
                       and not i.indisvalid)
      from (select relid::oid, parentrelid = to_regclass($1) as is_direct
            from pg_partition_tree(to_regclass($1)) where isleaf
            union all
            select oid, true from pg_class where oid = to_regclass($1) and relkind <> 'p') tree
      join pg_class c on c.oid = tree.relid
      join pg_namespace n on n.oid = c.relnamespace
      order by 1
      """;

  /**
   * Reads the table; fails with {@link OutboxTable.IncompleteException} if the table does not
   * exist.
   */
  static Future<ForeignTable> read(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(COLUMNS)
        .execute(Tuple.of(names.outbox()))
        .compose(
            rows -> {
              Map<String, Column> columns = new HashMap<>();
              rows.forEach(row -> columns.put(row.getString(0), column(row)));
              return columns.isEmpty()
                  ? Future.failedFuture(
                      new OutboxTable.IncompleteException(
                          "the table "
                              + names.outbox()
                              + " is not there; create it, or set outbox.schema and outbox.table"))
                  : state(database, names, columns);
            });
  }

  private static Column column(Row row) {
    return new Column(
        Column.Type.of(row),
        row.getBoolean(3),
        row.getString(4),
        row.getBoolean(5),
        row.getBoolean(6));
  }

  private static Future<ForeignTable> state(
      SqlClient database, OutboxNames names, Map<String, Column> columns) {
    return database
        .preparedQuery(STATE.formatted(names.outbox()))
        .execute(Tuple.of(names.outbox(), PAIRED, names.version(), names.sequence()))
        .map(rows -> rows.iterator().next())
        .compose(
            row -> {
              var state =
                  new State(
                      row.getBoolean(0),
                      row.getBoolean(1),
                      row.getBoolean(2),
                      row.getBoolean(3),
                      List.of(row.getArrayOfStrings(4)));
              return partitions(database, names)
                  .map(partitions -> new ForeignTable(columns, state, partitions, row.getLong(5)));
            });
  }

  private static Future<List<Partition>> partitions(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(PARTITIONS)
        .execute(Tuple.of(names.outbox(), names.columns().required(OutboxColumn.SEQ)))
        .map(
            rows -> {
              List<Partition> partitions = new ArrayList<>();
              rows.forEach(
                  row ->
                      partitions.add(
                          new Partition(
                              row.getString(0),
                              new Partition.NewIndex(
                                  row.getString(1), row.getString(2), row.getBoolean(5)),
                              row.getBoolean(3),
                              row.getString(4))));
              return partitions;
            });
  }
}

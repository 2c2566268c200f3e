package io.outboxrelay.outbox;

import io.outboxrelay.outbox.ObjectPrivilege.Kind;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Lists every privilege that a role needs if it does not own the outbox. {@code init} grants from
 * this list, and {@code check} verifies it.
 */
public final class OutboxPrivileges {
  private static final List<String> LOCKS =
      List.of(
          "pg_advisory_lock",
          "pg_advisory_lock_shared",
          "pg_try_advisory_lock",
          "pg_try_advisory_lock_shared",
          "pg_advisory_unlock",
          "pg_advisory_unlock_shared",
          "pg_advisory_xact_lock",
          "pg_try_advisory_xact_lock",
          "pg_try_advisory_xact_lock_shared");

  /** The functions that the doorbell's trigger calls, with the rights of the inserting role. */
  private static final List<String> BELL =
      List.of("pg_try_advisory_lock_shared", "pg_advisory_unlock_shared");

  /**
   * Reads if a role has each needed privilege: one row for each privilege, or for each column of a
   * privilege that is limited to columns. The value is null if the object does not exist.
   */
  private static final String HELD =
      """
      select needed.place::int, case kind
        when 'SCHEMA' then has_schema_privilege($1::name, to_regnamespace(object)::oid, privilege)
        when 'SEQUENCE' then has_sequence_privilege($1::name, to_regclass(object)::oid, privilege)
        when 'FUNCTION' then has_function_privilege($1::name, to_regprocedure(object)::oid, privilege)
        else case when column_name = ''
          then has_table_privilege($1::name, to_regclass(object)::oid, privilege)
          else has_column_privilege($1::name, to_regclass(object)::oid, column_name, privilege) end
        end
      from unnest($2::text[], $3::text[], $4::text[], $5::text[])
        with ordinality as needed (kind, object, privilege, column_name, place)
      order by needed.place
      """;

  private OutboxPrivileges() {}

  /** Returns the columns that an application writes. The database fills all other columns. */
  private static List<String> written(OutboxNames names) {
    return names(
        names,
        OutboxColumn.ID,
        OutboxColumn.AGGREGATE_TYPE,
        OutboxColumn.AGGREGATE_ID,
        OutboxColumn.EVENT_TYPE,
        OutboxColumn.PAYLOAD,
        OutboxColumn.HEADERS);
  }

  /**
   * Returns the columns that an application may read, so that its inserts can return them. They
   * reveal no data of other applications' events.
   */
  public static List<String> returned(OutboxNames names) {
    return names(names, OutboxColumn.ID, OutboxColumn.SEQ, OutboxColumn.CREATED_AT);
  }

  /**
   * Returns the columns that an application must not be able to write, because it could then break
   * the order of events, or hide events from the relay.
   */
  public static List<String> reserved(OutboxNames names) {
    return names(names, OutboxColumn.XID, OutboxColumn.SEQ);
  }

  private static List<String> names(OutboxNames names, OutboxColumn... columns) {
    return Stream.of(columns).flatMap(column -> names.columns().name(column).stream()).toList();
  }

  /**
   * Returns the privileges that the relay's role needs. With them, all commands can run except
   * {@code init} and {@code shards}.
   */
  public static List<ObjectPrivilege> forRelay(OutboxNames names) {
    return Stream.of(
            Stream.of(schema(names), on(Kind.SEQUENCE, names.sequence(), "select")),
            tables(names.outbox(), "select", "delete"),
            // The command rebase gives events new transaction ids.
            Stream.of(
                new ObjectPrivilege(
                    Kind.TABLE,
                    names.outbox(),
                    "update",
                    List.of(names.columns().required(OutboxColumn.XID)))),
            tables(names.checkpoint(), "select", "update"),
            tables(names.account(), "select", "insert", "update", "delete"),
            tables(names.difference(), "select", "insert", "update", "delete"),
            tables(names.deadLetter(), "select", "insert", "update", "delete"),
            tables(names.version(), "select"),
            tables(names.crashGuard(), "select", "insert", "update"),
            tables(names.leaderReport(), "select", "insert", "update"),
            tables(names.replays(), "select", "insert", "update"),
            tables(names.pause(), "select", "insert", "delete"),
            tables(names.audit(), "select", "insert"),
            tables(names.discarded(), "select", "insert", "update", "delete"),
            functions(LOCKS))
        .flatMap(needed -> needed)
        .toList();
  }

  /**
   * Returns the privileges that a role needs to write events, with inserts that may return the
   * columns of {@link #returned}.
   */
  public static List<ObjectPrivilege> forApplication(OutboxNames names) {
    return Stream.of(
            Stream.of(
                schema(names),
                on(Kind.SEQUENCE, names.sequence(), "usage"),
                new ObjectPrivilege(Kind.TABLE, names.outbox(), "insert", written(names)),
                new ObjectPrivilege(Kind.TABLE, names.outbox(), "select", returned(names))),
            functions(BELL))
        .flatMap(needed -> needed)
        .toList();
  }

  private static ObjectPrivilege schema(OutboxNames names) {
    return on(Kind.SCHEMA, OutboxNames.quoted(names.schema()), "usage");
  }

  private static Stream<ObjectPrivilege> tables(String table, String... privileges) {
    return Stream.of(privileges).map(privilege -> on(Kind.TABLE, table, privilege));
  }

  private static Stream<ObjectPrivilege> functions(List<String> functions) {
    return functions.stream()
        .map(
            function ->
                on(Kind.FUNCTION, "pg_catalog." + function + "(integer, integer)", "execute"));
  }

  private static ObjectPrivilege on(Kind kind, String object, String privilege) {
    return new ObjectPrivilege(kind, object, privilege, List.of());
  }

  /**
   * Returns a script that grants these privileges to a role, with one statement for each object.
   * Privileges on functions are left out, because only a superuser could grant them. Each statement
   * is one line and ends with a semicolon.
   */
  static String grants(List<ObjectPrivilege> needed, String role) {
    var script = new StringBuilder();
    statements(needed.stream().filter(one -> one.kind() != Kind.FUNCTION).toList(), role)
        .forEach(grant -> script.append(grant).append(";\n"));
    return script.toString();
  }

  /**
   * Returns the statements that grant these privileges to a role, one for each object, each without
   * a semicolon.
   */
  public static List<String> statements(List<ObjectPrivilege> missing, String role) {
    Map<String, List<String>> byTarget = new LinkedHashMap<>();
    missing.forEach(
        one ->
            byTarget.computeIfAbsent(one.target(), none -> new ArrayList<>()).add(one.written()));
    return byTarget.entrySet().stream()
        .map(
            one ->
                "grant %s on %s to %s"
                    .formatted(
                        String.join(", ", one.getValue()), one.getKey(), OutboxNames.quoted(role)))
        .toList();
  }

  /**
   * The result of examining a role.
   *
   * @param absent the objects that do not exist
   * @param missing the privileges that the role lacks on objects that exist
   */
  public record Held(Set<String> absent, List<ObjectPrivilege> missing) {}

  /** Completes with the needed privileges that {@code role} lacks. The role must exist. */
  public static Future<Held> examine(
      SqlClient database, String role, List<ObjectPrivilege> needed) {
    record Single(ObjectPrivilege of, String column) {}
    var singles = new ArrayList<Single>();
    for (var one : needed) {
      if (one.columns().isEmpty()) {
        singles.add(new Single(one, ""));
      }
      one.columns().forEach(column -> singles.add(new Single(one, column)));
    }
    var parameters =
        Tuple.of(role)
            .addArrayOfString(array(singles.stream().map(single -> single.of.kind().name())))
            .addArrayOfString(array(singles.stream().map(single -> single.of.object())))
            .addArrayOfString(array(singles.stream().map(single -> single.of.privilege())))
            .addArrayOfString(array(singles.stream().map(Single::column)));
    return database
        .preparedQuery(HELD)
        .execute(parameters)
        .map(
            rows -> {
              Set<String> absent = new LinkedHashSet<>();
              Map<ObjectPrivilege, List<String>> missing = new LinkedHashMap<>();
              for (Row row : rows) {
                var single = singles.get(row.getInteger(0) - 1);
                Boolean held = row.getBoolean(1);
                if (held == null) {
                  absent.add(single.of.target());
                } else if (!held) {
                  missing.computeIfAbsent(single.of, none -> new ArrayList<>()).add(single.column);
                }
              }
              return new Held(
                  absent,
                  missing.entrySet().stream()
                      .map(
                          one ->
                              one.getKey().columns().isEmpty()
                                  ? one.getKey()
                                  : one.getKey().of(List.copyOf(one.getValue())))
                      .toList());
            });
  }

  private static String[] array(Stream<String> values) {
    return values.toArray(String[]::new);
  }
}

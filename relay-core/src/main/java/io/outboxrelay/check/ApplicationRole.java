package io.outboxrelay.check;

import io.outboxrelay.outbox.ObjectPrivilege;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxPrivileges;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * Checks that an application's role may write events, and cannot set columns that only the database
 * must fill.
 */
final class ApplicationRole implements DatabaseCheck {
  /**
   * Selects the rights of the application's role. {@code to_regclass} fails if the relay's role may
   * not use the schema; in this case {@link TableCheck} has already reported that.
   */
  private static final String FIND =
      """
      select rolsuper,
             pg_has_role(rolname, (select relowner from pg_class where oid = to_regclass($2)), 'usage'),
             (select string_agg(attname, ', ' order by attnum) from pg_attribute
              where attrelid = to_regclass($2) and attname = any ($3)
                and (has_column_privilege(rolname, attrelid, attnum, 'insert')
                     or has_column_privilege(rolname, attrelid, attnum, 'update')))
      from pg_roles where rolname = $1
      """;

  private final OutboxNames names;
  private final String role;

  ApplicationRole(OutboxNames names, String role) {
    this.names = names;
    this.role = role;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    var parameters =
        Tuple.of(role, names.outbox())
            .addArrayOfString(OutboxPrivileges.reserved(names).toArray(String[]::new));
    return connection
        .preparedQuery(FIND)
        .execute(parameters)
        .compose(
            rows ->
                rows.size() == 0
                    ? Future.succeededFuture(
                        List.of(
                            Finding.problem(
                                "there is no role " + role,
                                "create role " + OutboxNames.quoted(role) + " login")))
                    : examine(connection, rows.iterator().next()));
  }

  private Future<List<Finding>> examine(PgConnection connection, Row found) {
    return OutboxPrivileges.examine(connection, role, OutboxPrivileges.forApplication(names))
        .map(
            held -> {
              if (!held.missing().isEmpty()) {
                return PrivilegesCheck.lacking(role, held.missing());
              }
              return List.of(excess(found));
            });
  }

  private Finding excess(Row found) {
    String may =
        "the role " + role + " may write events and have %s returned".formatted(returned());
    String reserved = found.getString(2);
    if (reserved == null) {
      return Finding.ok(
          may + ", and can set neither " + String.join(" nor ", OutboxPrivileges.reserved(names)));
    }
    String seen =
        may
            + ", but it may also set "
            + reserved
            + ", which the database alone must fill: events could be lost or overtaken";
    if (found.getBoolean(0)) {
      return Finding.warning(
          seen + "; it is a superuser",
          "let the application log in as a role that is not a superuser");
    }
    if (found.getBoolean(1)) {
      return Finding.warning(
          seen + "; it owns the table",
          "let the application log in as another role, and run the command init --grant-to it");
    }
    var table = new ObjectPrivilege(ObjectPrivilege.Kind.TABLE, names.outbox(), "", List.of());
    return Finding.warning(
        seen,
        "revoke insert, update on %s from %s; %s"
            .formatted(
                table.target(),
                OutboxNames.quoted(role),
                String.join(
                    "; ",
                    OutboxPrivileges.statements(
                        OutboxPrivileges.forApplication(names).stream()
                            .filter(one -> one.target().equals(table.target()))
                            .toList(),
                        role))));
  }

  private String returned() {
    return String.join(", ", OutboxPrivileges.returned(names));
  }
}

package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rights of the current role to create or change the outbox. The commands that change the
 * outbox and the command {@code check} all use this class, so that no command advises a step that
 * another command refuses.
 *
 * @param role the current role
 * @param owner a role that owns a part of the outbox and of which the current role is not a member;
 *     null if there is no such part
 */
public record InitRights(
    OutboxNames names,
    String role,
    String database,
    Schema schema,
    boolean tableIsThere,
    @Nullable String owner) {

  /**
   * The outbox's schema, as the current role sees it.
   *
   * @param isThere true if the schema exists
   * @param mayUse true if the role may use the schema; false if the schema does not exist
   * @param mayCreate true if the role may create tables in the schema or, if the schema does not
   *     exist, create the schema
   */
  public record Schema(boolean isThere, boolean mayUse, boolean mayCreate) {}

  /**
   * Reads the rights. Names are looked up in the catalog and not by {@code regclass}, because
   * {@code regclass} fails if the role may not use the schema.
   */
  private static final String READ =
      """
      select current_user, current_database(), n.oid is not null,
             exists (select from pg_class
                     where relnamespace = n.oid and relname = $2 and relkind in ('r', 'p')),
             n.oid is not null and has_schema_privilege(n.oid, 'usage'),
             case when n.oid is null then has_database_privilege(current_database(), 'create')
                  else has_schema_privilege(n.oid, 'create') end,
             (select pg_get_userbyid(owner) from (
                select relowner as owner from pg_class
                where relnamespace = n.oid and relname = any ($3) and relkind in ('r', 'p', 'S')
                union all
                select proowner from pg_proc where pronamespace = n.oid and proname = $2 || '_ring'
              ) part
              where not pg_has_role(owner, 'usage') limit 1)
      from (values ($1::text)) as named (schema)
      left join pg_namespace n on n.nspname = named.schema
      """;

  /**
   * The reason why PostgreSQL would refuse {@code init}, and the remedy.
   *
   * @param seen the reason as a sentence without a full stop
   * @param remedy a statement for a DBA, or a command
   */
  public record Obstacle(String seen, String remedy) {}

  /** Reads the rights of the current role; needs no privilege. */
  public static Future<InitRights> read(SqlClient database, OutboxNames names) {
    String[] parts =
        Stream.of(
                "",
                "_seq",
                "_checkpoint",
                "_account",
                "_difference",
                "_dead_letter",
                "_discarded",
                "_version",
                "_crash_guard",
                "_leader_report",
                "_replays",
                "_pause",
                "_audit")
            .map(suffix -> names.table() + suffix)
            .toArray(String[]::new);
    return database
        .preparedQuery(READ)
        .execute(Tuple.of(names.schema(), names.table()).addArrayOfString(parts))
        .map(rows -> of(names, rows.iterator().next()));
  }

  private static InitRights of(OutboxNames names, Row row) {
    return new InitRights(
        names,
        row.getString(0),
        row.getString(1),
        new Schema(row.getBoolean(2), row.getBoolean(4), row.getBoolean(5)),
        row.getBoolean(3),
        row.getString(6));
  }

  /** Returns the reason why PostgreSQL would refuse {@code init}; empty if it would not. */
  public Optional<Obstacle> obstacle() {
    String grantee = OutboxNames.quoted(role);
    String instead =
        " (a role that has it can run init --relay-role " + shellQuoted(role) + " instead)";
    if (owner != null) {
      return Optional.of(
          new Obstacle(
              "the outbox belongs to the role %s; only its owner may change it, and the role %s is no"
                      .formatted(owner, role)
                  + " member of that role",
              "run init and shards as the role %s; with --relay-role %s init grants this role what a"
                      .formatted(owner, shellQuoted(role))
                  + " relay needs"));
    }
    if (schema.isThere() && !(schema.mayUse() && schema.mayCreate())) {
      return Optional.of(
          new Obstacle(
              "the role %s may not create tables in the schema %s; since PostgreSQL 15 a role needs a"
                      .formatted(role, names.schema())
                  + " grant for that"
                  + instead,
              "grant usage, create on schema %s to %s"
                  .formatted(OutboxNames.quoted(names.schema()), grantee)));
    }
    return schema.mayCreate()
        ? Optional.empty()
        : Optional.of(
            new Obstacle(
                "there is no schema %s, and the role %s has no right to create one"
                        .formatted(names.schema(), role)
                    + instead,
                "grant create on database %s to %s"
                    .formatted(OutboxNames.quoted(database), grantee)));
  }

  /**
   * Returns the remedy for a message that the outbox is missing or incomplete: {@code init}, and
   * what is needed to run it.
   */
  public String remedy() {
    return obstacle().map(Obstacle::remedy).orElse("run the command init");
  }

  private static String shellQuoted(String role) {
    return role.matches("[A-Za-z0-9_.-]+") ? role : "'" + role.replace("'", "'\\''") + "'";
  }
}

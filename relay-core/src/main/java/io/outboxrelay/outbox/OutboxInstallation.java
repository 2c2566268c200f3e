package io.outboxrelay.outbox;

import io.outboxrelay.database.DatabaseException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Creates or upgrades the outbox and grants the needed privileges to roles, all in one transaction.
 *
 * <p>While a change of the table waits for another transaction, all later inserts wait behind the
 * change. Each attempt therefore waits only for a moment. If an attempt fails, the inserts proceed,
 * and the change is tried again; see {@link ShortLocks}.
 */
public final class OutboxInstallation {
  private static final String NOTHING_CHANGED = "Nothing was changed";

  private static final String UNKNOWN_ROLES =
      """
      select coalesce(array_agg(distinct quote_ident(name)), '{}')
      from unnest($1::text[]) name where not exists (select from pg_roles where rolname = name)
      """;

  private final Vertx vertx;
  private final PgConnection connection;
  private final OutboxSchema schema;
  private final OutboxNames names;
  private final Roles roles;

  /** The roles to which privileges are granted. */
  public record Roles(List<String> applications, List<String> relays) {
    public Roles {
      applications = List.copyOf(applications);
      relays = List.copyOf(relays);
    }

    private String[] all() {
      List<String> all = new ArrayList<>(applications);
      all.addAll(relays);
      return all.toArray(String[]::new);
    }
  }

  public OutboxInstallation(
      Vertx vertx, PgConnection connection, OutboxSchema schema, OutboxNames names, Roles roles) {
    this.vertx = vertx;
    this.connection = connection;
    this.schema = schema;
    this.names = names;
    this.roles = roles;
  }

  /**
   * Creates or upgrades the outbox. A failure has a message for the operator, and then nothing was
   * changed.
   *
   * @param within for how long the change is tried again if it does not get its locks
   * @return completes with the version of the outbox before the change; 0 if there was no outbox
   */
  public Future<Integer> run(Duration within) {
    return run(new ShortLocks(vertx, connection, names, within, NOTHING_CHANGED));
  }

  /**
   * Creates or upgrades the outbox as {@link #run(Duration)} does, but with the transactions of the
   * caller's {@code locks}.
   */
  Future<Integer> run(ShortLocks locks) {
    String remains = locks.remains();
    return verify(remains)
        .compose(possible -> locks.change(() -> inTransaction(remains)))
        .recover(failure -> Future.failedFuture(named(failure, remains)));
  }

  /**
   * Fails if the current role may not create or change the outbox, or if a role to which privileges
   * are granted does not exist.
   */
  Future<Void> verify() {
    return verify(NOTHING_CHANGED);
  }

  private Future<Void> verify(String remains) {
    return InitRights.read(connection, names)
        .compose(rights -> permitted(rights, remains))
        .compose(permitted -> verifyRoles(remains));
  }

  private static Future<Void> permitted(InitRights rights, String remains) {
    return rights
        .obstacle()
        .map(
            obstacle ->
                Future.<Void>failedFuture(
                    refused(obstacle.seen(), remains, "Remedy: " + obstacle.remedy())))
        .orElseGet(Future::succeededFuture);
  }

  private Future<Void> verifyRoles(String remains) {
    return connection
        .preparedQuery(UNKNOWN_ROLES)
        .execute(Tuple.tuple().addArrayOfString(roles.all()))
        .compose(
            rows -> {
              String[] unknown = rows.iterator().next().getArrayOfStrings(0);
              return unknown.length == 0
                  ? Future.succeededFuture()
                  : Future.failedFuture(
                      refused(
                          (unknown.length == 1 ? "there is no role " : "there are no roles ")
                              + enumerated(unknown),
                          remains,
                          "Create %s with create role … login, or correct its name"
                              .formatted(unknown.length == 1 ? "it" : "each")));
            });
  }

  /** Returns the words as {@code a, b and c}. */
  private static String enumerated(String[] words) {
    return String.join(", ", words).replaceFirst(", ([^,]*)$", " and $1");
  }

  private Future<Integer> inTransaction(String remains) {
    String grants =
        roles.relays().stream().map(schema::grantsForRelay).collect(Collectors.joining())
            + roles.applications().stream()
                .map(schema::grantsForApplication)
                .collect(Collectors.joining());
    return schema
        .installIn(connection)
        .compose(
            before ->
                grants.isEmpty()
                    ? Future.succeededFuture(before)
                    : connection.query(grants).execute().map(before))
        .compose(before -> verifyGrants(remains).map(before));
  }

  /**
   * Fails if a role still lacks a needed privilege after the grants. This must be verified, because
   * PostgreSQL only warns if the current role may not grant a privilege, for example one on the
   * schema of another role.
   *
   * @param remains a sentence about what was changed, for the message of a failure
   */
  private Future<?> verifyGrants(String remains) {
    Future<?> verified = Future.succeededFuture();
    for (String role : roles.relays()) {
      verified = verified.compose(done -> verify(role, OutboxPrivileges.forRelay(names), remains));
    }
    for (String role : roles.applications()) {
      verified =
          verified.compose(done -> verify(role, OutboxPrivileges.forApplication(names), remains));
    }
    return verified;
  }

  private Future<Void> verify(String role, List<ObjectPrivilege> needed, String remains) {
    return OutboxPrivileges.examine(connection, role, needed)
        .compose(
            held ->
                held.missing().isEmpty()
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        refused(
                            "this role may not grant to " + role + " all that it needs",
                            remains,
                            "Have a DBA run this, then run the same command again: "
                                + String.join(
                                    "; ", OutboxPrivileges.statements(held.missing(), role)))));
  }

  private static Throwable named(Throwable failure, String remains) {
    return failure instanceof PgException server && "42501".equals(server.getSqlState())
        ? refused(
            "the server refused it: " + server.getErrorMessage(),
            remains,
            "Run init as a role that may, or have a DBA run what init --print prints")
        : failure;
  }

  private static DatabaseException refused(String seen, String remains, String remedy) {
    return DatabaseException.refused(seen + ". " + remains + ". " + remedy);
  }
}

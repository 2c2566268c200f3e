package io.outboxrelay.check;

import io.outboxrelay.outbox.InitRights;
import io.outboxrelay.outbox.ObjectPrivilege;
import io.outboxrelay.outbox.OutboxPrivileges;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** Checks that the relay's role has the privileges that the relay needs. */
final class PrivilegesCheck implements DatabaseCheck {
  private final InitRights rights;

  PrivilegesCheck(InitRights rights) {
    this.rights = rights;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return OutboxPrivileges.examine(
            connection, rights.role(), OutboxPrivileges.forRelay(rights.names()))
        .map(
            held -> {
              var findings = new ArrayList<>(problems(held, rights));
              if (findings.isEmpty()) {
                findings.add(
                    Finding.ok(
                        "the relay's role, %s, has every privilege it needs"
                            .formatted(rights.role())));
              }
              return findings;
            });
  }

  /**
   * Returns a problem for each object that does not exist, or on which the relay's role lacks a
   * privilege.
   */
  private static List<Finding> problems(OutboxPrivileges.Held held, InitRights rights) {
    var problems = new ArrayList<Finding>();
    held.absent()
        .forEach(
            object ->
                problems.add(
                    Finding.problem(
                        (object.startsWith("\"") ? "the table " : "the ")
                            + object
                            + " is not there",
                        rights.remedy())));
    problems.addAll(lacking(rights.role(), held.missing()));
    return problems;
  }

  /**
   * Returns a problem for each object on which {@code role} lacks a privilege. The remedy of the
   * problem is the SQL statement that grants the privilege.
   */
  static List<Finding> lacking(String role, List<ObjectPrivilege> missing) {
    return missing.stream()
        .collect(
            Collectors.groupingBy(ObjectPrivilege::target, LinkedHashMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(
            one ->
                Finding.problem(
                    "the role %s lacks %s on %s"
                        .formatted(
                            role,
                            one.getValue().stream()
                                .map(ObjectPrivilege::written)
                                .collect(Collectors.joining(", ")),
                            one.getKey()),
                    OutboxPrivileges.statements(one.getValue(), role).get(0)))
        .toList();
  }
}

package io.outboxrelay.example;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;

/** The writing side: each change and its event are written in one transaction. */
final class Employees {
  private static final String ADD =
      "insert into employee (name, department) values ($1, $2) returning *";

  /**
   * If two callers change one version, the update of the second matches no row; no lock is held
   * between reading and writing.
   */
  private static final String CHANGE =
      """
      update employee set name = $3, department = $4, version = version + 1
      where id = $1 and version = $2
      returning *
      """;

  /**
   * A deletion raises the version too, so that its event comes after all others of the employee.
   */
  private static final String DELETE =
      """
      delete from employee where id = $1 and version = $2
      returning id, version + 1 as version, name, department
      """;

  private static final String WRITE_EVENT =
      """
      insert into outbox (aggregate_type, aggregate_id, event_type, payload)
      values ('employee', $1, $2, $3)
      """;

  private static final String FIND = "select * from employee where id = $1";
  private static final String LATEST = "select * from employee order by name, id limit 50";

  private final Pool pool;

  Employees(Pool pool) {
    this.pool = pool;
  }

  Future<Employee> add(String name, String department) {
    return pool.withTransaction(
        connection ->
            connection
                .preparedQuery(ADD)
                .execute(Tuple.of(name, department))
                .map(rows -> Employee.of(rows.iterator().next()))
                .compose(added -> writeEvent(connection, "employee-added", added)));
  }

  /**
   * Changes an employee if it still has the version that the caller has read.
   *
   * <p>Fails with an {@link HttpException} if there is no such employee, or if it has another
   * version.
   */
  Future<Employee> change(UUID id, int version, String name, String department) {
    return pool.withTransaction(
        connection ->
            connection
                .preparedQuery(CHANGE)
                .execute(Tuple.of(id, version, name, department))
                .compose(rows -> theOne(rows, connection, id, version))
                .compose(changed -> writeEvent(connection, "employee-changed", changed)));
  }

  /** Deletes an employee, under the condition of {@link #change}. */
  Future<Employee> delete(UUID id, int version) {
    return pool.withTransaction(
        connection ->
            connection
                .preparedQuery(DELETE)
                .execute(Tuple.of(id, version))
                .compose(rows -> theOne(rows, connection, id, version))
                .compose(deleted -> writeEvent(connection, "employee-left", deleted)));
  }

  private Future<Employee> writeEvent(SqlConnection connection, String type, Employee employee) {
    return connection
        .preparedQuery(WRITE_EVENT)
        .execute(Tuple.of(employee.id().toString(), type, employee.toJson()))
        .map(employee);
  }

  private Future<Employee> theOne(
      RowSet<Row> rows, SqlConnection connection, UUID id, int version) {
    return rows.size() == 1
        ? Future.succeededFuture(Employee.of(rows.iterator().next()))
        : find(connection, id).compose(found -> Future.failedFuture(stale(found, version)));
  }

  private static HttpException stale(Employee found, int version) {
    return new HttpException(
        409,
        "employee %s is at version %d, not %d; read it and decide again"
            .formatted(found.id(), found.version(), version));
  }

  Future<Employee> find(UUID id) {
    return pool.withConnection(connection -> find(connection, id));
  }

  private static Future<Employee> find(SqlConnection connection, UUID id) {
    return connection
        .preparedQuery(FIND)
        .execute(Tuple.of(id))
        .compose(
            rows ->
                rows.size() == 1
                    ? Future.succeededFuture(Employee.of(rows.iterator().next()))
                    : Future.failedFuture(new HttpException(404, "there is no employee " + id)));
  }

  Future<JsonArray> latest() {
    return pool.query(LATEST)
        .execute()
        .map(
            rows -> {
              var found = new JsonArray();
              rows.forEach(row -> found.add(Employee.of(row).toJson()));
              return found;
            });
  }
}

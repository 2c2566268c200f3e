package io.outboxrelay.example;

import io.outboxrelay.inbox.InboxMessage;
import io.outboxrelay.inbox.InboxOutcome;
import io.outboxrelay.inbox.InboxResult;
import io.outboxrelay.inbox.InboxTable;
import io.outboxrelay.inbox.VertxInbox;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.UUID;

/** The reading side: a directory of all employees, built only from their events. */
final class EmployeeDirectory {
  private static final String ENTER =
      """
      insert into directory (id, version, name, department, gone) values ($1, $2, $3, $4, $5)
      on conflict (id) do update set version = excluded.version, name = excluded.name,
        department = excluded.department, gone = excluded.gone
      """;

  private static final String REMEMBER =
      "insert into directory_history (id, version) values ($1, $2)";

  private static final String FIND =
      """
      select *, (select jsonb_agg(version order by n) from directory_history h where h.id = d.id) history
      from directory d where id = $1
      """;

  private static final String LATEST =
      "select *, null::jsonb history from directory d where not gone order by name, id limit 50";

  private final Pool pool;
  private final VertxInbox inbox;
  private final ReadYourWritesWaiters readers;

  EmployeeDirectory(Pool pool, ReadYourWritesWaiters readers) {
    this.pool = pool;
    this.inbox = VertxInbox.of(pool, InboxTable.named("inbox"), "directory");
    this.readers = readers;
  }

  Future<Void> install() {
    return inbox.install();
  }

  VertxInbox inbox() {
    return inbox;
  }

  /** Handles each of these events once. */
  Future<?> handle(List<InboxMessage<EmployeeEvent>> events) {
    return inbox
        .handleAll(events, this::enter)
        .onSuccess(
            arrivals -> arrivals.forEach(arrival -> readers.entered(arrival.message().employee())));
  }

  private Future<?> enter(List<InboxResult<EmployeeEvent>> arrivals, SqlConnection connection) {
    var all = arrivals.stream().map(arrival -> arrival.message().employee()).toList();
    // An event that was overtaken is older than the entry, so it is added only to the history.
    var current =
        arrivals.stream().filter(arrival -> arrival.outcome() == InboxOutcome.FIRST).toList();
    return connection
        .preparedQuery(REMEMBER)
        .executeBatch(all.stream().map(one -> Tuple.of(one.id(), one.version())).toList())
        .compose(
            remembered ->
                current.isEmpty()
                    ? Future.succeededFuture()
                    : connection
                        .preparedQuery(ENTER)
                        .executeBatch(current.stream().map(EmployeeDirectory::entry).toList()));
  }

  private static Tuple entry(InboxResult<EmployeeEvent> arrival) {
    var employee = arrival.message().employee();
    return Tuple.of(
        employee.id(),
        employee.version(),
        employee.name(),
        employee.department(),
        arrival.message().gone());
  }

  /**
   * Returns the entry once it has this version or a later one; see {@link ReadYourWritesWaiters}.
   */
  Future<JsonObject> find(UUID id, int version, long patienceMillis) {
    var entered = readers.await(id, version, patienceMillis);
    return find(id)
        .compose(
            found -> {
              if (found.getInteger("version") >= version) {
                readers.leave(id, entered);
                return Future.succeededFuture(found);
              }
              return entered.future().compose(now -> find(id));
            });
  }

  private Future<JsonObject> find(UUID id) {
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(id))
        .map(
            rows ->
                rows.size() == 1
                    ? json(rows.iterator().next())
                    : JsonObject.of("id", id.toString(), "version", 0));
  }

  private static JsonObject json(Row row) {
    var history = (JsonArray) row.getJson("history");
    return Employee.of(row)
        .toJson()
        .put("gone", row.getBoolean("gone"))
        .put("history", history == null ? new JsonArray() : history);
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

package io.outboxrelay.example;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;

/** Compares all employees with all entries of the directory. */
final class ConsistencyCheck {
  private static final String COMPARE =
      """
      with difference as (
        select coalesce(e.id, d.id) as id, e.version as employee, d.version as directory
        from employee e full join (select * from directory where not gone) d on d.id = e.id
        where (e.version, e.name, e.department) is distinct from (d.version, d.name, d.department)
      ), step as (
        select id, version, lag(version, 1, 0) over (partition by id order by n) as before
        from directory_history
      )
      select
        (select count(*) from employee) as employees,
        (select count(*) from directory where not gone) as entries,
        (select count(*) from difference) as differing,
        (select jsonb_agg(to_jsonb(difference)) from (select * from difference limit 10) difference)
          as differences,
        (select count(*) from step) as events,
        (select count(*) from step where version <= before) as repeated_or_overtaken,
        (select count(*) from step where version > before + 1) as skipped
      """;

  private final Pool pool;

  ConsistencyCheck(Pool pool) {
    this.pool = pool;
  }

  /** Compares both sides. A difference that disappears soon comes from an event in flight. */
  Future<JsonObject> now() {
    return pool.query(COMPARE).execute().map(rows -> json(rows.iterator().next()));
  }

  private static JsonObject json(Row row) {
    var differences = (JsonArray) row.getJson("differences");
    long differing = row.getLong("differing");
    long wrong = row.getLong("repeated_or_overtaken") + row.getLong("skipped");
    return JsonObject.of(
        "agree", differing == 0 && wrong == 0,
        "employees", row.getLong("employees"),
        "entries", row.getLong("entries"),
        "differing", differing,
        "differences", differences == null ? new JsonArray() : differences,
        "events", row.getLong("events"),
        "repeatedOrOvertaken", row.getLong("repeated_or_overtaken"),
        "skipped", row.getLong("skipped"));
  }
}

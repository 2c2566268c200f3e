package io.outboxrelay.check;

import io.outboxrelay.publish.Finding;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Checks that the planner settings of the page query can be set and remain set. */
final class PlannerSettingsCheck implements DatabaseCheck {
  private static final String STAYED =
      """
      select current_setting('enable_bitmapscan') = 'off'
         and current_setting('enable_sort') = 'off'
         and current_setting('plan_cache_mode') = 'force_generic_plan'
      """;

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return connection
        .query(TableSource.PLAN)
        .execute()
        .compose(set -> connection.query(STAYED).execute())
        .map(rows -> List.of(finding(rows.iterator().next().getBoolean(0))));
  }

  private static Finding finding(boolean stayed) {
    return stayed
        ? Finding.ok("the planner's settings can be set")
        : Finding.problem(
            "the planner's settings do not stay set from one query to the next; a pooler can be the"
                + " cause",
            "connect to the server itself, or have the pooler keep one session per connection");
  }
}

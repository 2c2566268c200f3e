package io.outboxrelay.check;

import io.outboxrelay.outbox.InitRights;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;

/** Checks that the trigger of the doorbell exists, is enabled, and notifies this relay. */
final class TriggerCheck implements DatabaseCheck {
  private static final String FIND =
      """
      select t.tgenabled::text, pg_get_triggerdef(t.oid), p.prosrc
      from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      where t.tgrelid = to_regclass($1) and t.tgname = $2
      """;

  private final InitRights rights;
  private final OutboxNames names;
  private final String otherwise;

  TriggerCheck(InitRights rights, Duration fallback) {
    this.rights = rights;
    this.names = rights.names();
    this.otherwise = ", so an event may wait for " + fallback.toMillis() + " ms";
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    // Problems of the shard layout are reported by {@link ShardsCheck}.
    return ShardLayout.read(connection, names)
        .map(ShardLayout::shards)
        .otherwise(1)
        .compose(shards -> examine(connection, shards));
  }

  private Future<List<Finding>> examine(PgConnection connection, int shards) {
    return connection
        .preparedQuery(FIND)
        .execute(Tuple.of(names.outbox(), name()))
        .map(
            rows ->
                List.of(
                    rows.size() == 0
                        ? Finding.problem(
                            "the trigger " + name() + " is not there" + otherwise, rights.remedy())
                        : finding(rows.iterator().next(), shards)));
  }

  private String name() {
    return names.ringTriggerName();
  }

  private Finding finding(Row row, int shards) {
    String enabled = row.getString(0);
    if (!enabled.equals("O") && !enabled.equals("A")) {
      return Finding.problem(
          "the trigger " + name() + " is disabled" + otherwise,
          "alter table %s enable trigger %s".formatted(names.outbox(), names.ringTrigger()));
    }
    // The server writes a negative number with a cast, as in '-7'::integer.
    String condition = row.getString(1).replaceAll("'(-?\\d+)'::integer|\\((-\\d+)\\)", "$1$2");
    if (!rings(condition, shards) || !row.getString(2).contains("'" + names.channel() + "'")) {
      return Finding.problem(
          "the trigger " + name() + " notifies other relays than those of this outbox" + otherwise,
          "drop trigger %s on %s; then %s. Was the table renamed?"
              .formatted(names.ringTrigger(), names.outbox(), rights.remedy()));
    }
    return Finding.ok("the trigger " + name() + " is enabled and notifies this relay");
  }

  private boolean rings(String condition, int shards) {
    String test = "pg_try_advisory_lock_shared(";
    return shards == 1
        ? condition.contains(test + names.doorbellLock(0) + ")")
        : condition.contains(test + names.lockClass() + ", ")
            && condition.endsWith("('" + shards + "')");
  }
}

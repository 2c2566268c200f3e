package io.outboxrelay.check;

import io.outboxrelay.outbox.InitRights;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Checks that the outbox has the version with which this relay works. */
final class SchemaVersionCheck implements DatabaseCheck {
  private final InitRights rights;
  private final OutboxNames names;

  SchemaVersionCheck(InitRights rights) {
    this.rights = rights;
    this.names = rights.names();
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return connection
        .preparedQuery("select to_regclass($1) is not null")
        .execute(Tuple.of(names.version()))
        .compose(
            rows ->
                rows.iterator().next().getBoolean(0)
                    ? version(connection)
                    : Future.succeededFuture(
                        Finding.problem(
                            "the table " + names.version() + " is not there", rights.remedy())))
        .map(List::of);
  }

  private Future<Finding> version(PgConnection connection) {
    return connection
        .query("select coalesce(max(version), 0) from " + names.version())
        .execute()
        .map(rows -> finding(rows.iterator().next().getInteger(0)));
  }

  private Finding finding(int version) {
    if (version == OutboxSchema.VERSION) {
      return Finding.ok("the outbox is of version " + version);
    }
    String seen =
        "the outbox is of version " + version + ", and this relay of " + OutboxSchema.VERSION;
    return version < OutboxSchema.VERSION
        ? Finding.problem(seen, rights.remedy())
        : Finding.warning(seen, "upgrade the relay");
  }
}

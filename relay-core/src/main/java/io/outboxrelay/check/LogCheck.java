package io.outboxrelay.check;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.source.LogGround;
import io.outboxrelay.wal.LogProbe;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;

/** Checks that the relay may read the write-ahead log; without it, the relay reads the table. */
final class LogCheck implements DatabaseCheck {
  private static final String SETTINGS =
      """
      select current_user,
             (select rolreplication or rolsuper from pg_roles where rolname = current_user)
               or exists (select from pg_roles where rolname = 'rds_replication'
                          and pg_has_role(current_user, oid, 'member')),
             current_setting('max_replication_slots')::int
               - (select count(*) from pg_replication_slots)::int,
             current_setting('max_wal_senders')::int
               - (select count(*) from pg_stat_replication)::int,
             current_setting('max_slot_wal_keep_size') = '-1'
               and current_setting('wal_sender_timeout') = '0'
      """;

  private static final String UNTIL_THEN = "; the relay reads the table until then";

  private final OutboxNames names;
  private final int shards;

  LogCheck(OutboxNames names, int shards) {
    this.names = names;
    this.shards = Math.max(1, shards);
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return new LogProbe(connection, names)
        .askForGround()
        .compose(
            ground ->
                connection
                    .query(SETTINGS)
                    .execute()
                    .map(rows -> findings(ground, rows.iterator().next())));
  }

  private List<Finding> findings(LogProbe.Ground ground, Row row) {
    var findings = new ArrayList<Finding>();
    var objection = LogGround.objection(ground);
    if (objection != null) {
      findings.add(
          Finding.warning(
              "the write-ahead log cannot be read: " + objection.getMessage() + UNTIL_THEN,
              LogGround.remedy(objection)));
    }
    if (!Boolean.TRUE.equals(row.getBoolean(1))) {
      String user = OutboxNames.quoted(row.getString(0));
      findings.add(
          Finding.warning(
              "the write-ahead log cannot be read: the role "
                  + row.getString(0)
                  + " lacks the attribute REPLICATION"
                  + UNTIL_THEN,
              "alter role "
                  + user
                  + " replication (on Amazon RDS: grant rds_replication to "
                  + user
                  + ")"));
    }
    free(findings, row.getInteger(2), "replication slots", "max_replication_slots");
    free(findings, row.getInteger(3), "walsenders", "max_wal_senders");
    if (row.getBoolean(4)) {
      findings.add(
          Finding.warning(
              "a relay that hangs would make the server keep its log without limit",
              "set wal_sender_timeout above zero, or max_slot_wal_keep_size to a size"));
    }
    return findings.isEmpty()
        ? List.of(Finding.ok("the write-ahead log can be read"))
        : List.copyOf(findings);
  }

  /** A relay that runs already uses some of them, so only none at all is worth a warning. */
  private void free(List<Finding> findings, int free, String kind, String setting) {
    if (free <= 0) {
      findings.add(
          Finding.warning(
              "no "
                  + kind
                  + " are free, and the relay needs one for each of "
                  + shards
                  + " shards"
                  + UNTIL_THEN,
              "raise " + setting + ", which needs a restart of the server"));
    }
  }
}

package io.outboxrelay.check;

import io.outboxrelay.database.Database;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.SlotNames;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.source.LogConfig;
import io.outboxrelay.wal.LogConnectionCheck;
import io.outboxrelay.wal.LogFailure;
import io.outboxrelay.wal.LogFailure.Reason;
import io.outboxrelay.wal.LogProbe;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that the relay can read the write-ahead log. If it cannot, the relay reads the table
 * instead, so the findings are warnings.
 */
final class LogCheck implements DatabaseCheck {
  /**
   * Counts the free slots and walsenders. The ones that relays of this outbox use count as free.
   */
  private static final String SETTINGS =
      """
      select current_setting('max_replication_slots')::int
               - (select count(*) from pg_replication_slots where not %1$s)::int,
             current_setting('max_wal_senders')::int
               - (select count(*) from pg_stat_replication
                  where pid not in (select active_pid from pg_replication_slots
                                    where active and %1$s))::int,
             current_setting('max_slot_wal_keep_size') = '-1',
             current_setting('wal_sender_timeout') = '0'
      """;

  private static final String PERMANENT =
      """
      select slot_name, slot_type = 'logical' and plugin = 'pgoutput'
                        and database = current_database(),
             concat_ws(' ', slot_type, plugin, database)
      from pg_replication_slots where slot_name ~ $1 and not temporary order by 1
      """;

  private final Vertx vertx;
  private final Database database;
  private final OutboxNames names;
  private final LogConfig config;
  private final int shards;

  LogCheck(Vertx vertx, Database database, OutboxNames names, LogConfig config, int shards) {
    this.vertx = vertx;
    this.database = database;
    this.names = names;
    this.config = config;
    this.shards = Math.max(1, shards);
  }

  private static Finding unusable(LogFailure objection) {
    return unusable(objection.sentence(), objection.remedy());
  }

  private static Finding unusable(String seen, String remedy) {
    return Finding.warning(
        "the write-ahead log cannot be read, and the relay reads the table: " + seen, remedy);
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    var findings = new ArrayList<Finding>();
    return new LogProbe(connection, names)
        .askForGround()
        .compose(
            ground ->
                examine(connection, ground, findings)
                    .compose(
                        done ->
                            findings.isEmpty()
                                ? connect(connection, ground.server(), findings)
                                : Future.succeededFuture()))
        .map(
            done ->
                findings.isEmpty()
                    ? List.of(Finding.ok("the write-ahead log can be read"))
                    : List.copyOf(findings));
  }

  private Future<Void> examine(
      PgConnection connection, LogProbe.Ground ground, List<Finding> findings) {
    ground.prerequisites().objections().forEach(found -> findings.add(unusable(found)));
    return SlotNames.read(connection, names)
        .compose(
            slots ->
                connection
                    .query(
                        SETTINGS.formatted(
                            "starts_with(slot_name, '%s')".formatted(slots.prefix())))
                    .execute()
                    .onSuccess(rows -> settings(rows.iterator().next(), findings))
                    .compose(
                        done ->
                            connection
                                .preparedQuery(PERMANENT)
                                .execute(Tuple.of(slots.permanentPattern()))))
        .onSuccess(rows -> rows.forEach(row -> permanent(row, findings)))
        .mapEmpty();
  }

  private void settings(Row row, List<Finding> findings) {
    free(findings, row.getInteger(0), "replication slots", "max_replication_slots");
    free(findings, row.getInteger(1), "walsenders", "max_wal_senders");
    if (!row.getBoolean(2)) {
      return;
    }
    if (config.keepsSlots()) {
      findings.add(
          Finding.warning(
              "max_slot_wal_keep_size is -1, so the server keeps its log without limit for a"
                  + " permanent slot while no relay runs; it must be a size",
              "set max_slot_wal_keep_size to a size that the disk can spare, and reload the"
                  + " configuration; a slot that is lost then loses no event of the table"));
    } else if (row.getBoolean(3)) {
      findings.add(
          Finding.warning(
              "max_slot_wal_keep_size is -1 and wal_sender_timeout is 0, so the server keeps its"
                  + " log without limit for a relay that hangs; one of them must be above zero",
              "set wal_sender_timeout = 60s, or max_slot_wal_keep_size to a size that the disk"
                  + " can spare, and reload the configuration"));
    }
  }

  private void permanent(Row row, List<Finding> findings) {
    String name = row.getString(0);
    String drop = "select pg_drop_replication_slot('%s')".formatted(name);
    if (!row.getBoolean(1)) {
      findings.add(
          unusable(
              "the slot %s belongs to something else (%s), and must be a logical slot of pgoutput"
                      .formatted(name, row.getString(2))
                  + " in this database",
              "have its owner rename it, or drop it with " + drop));
    } else if (!config.keepsSlots()) {
      findings.add(
          Finding.warning(
              "the slot %s is left over from relay.log.slot: permanent, and the server keeps its log"
                      .formatted(name)
                  + " for it",
              drop));
    }
  }

  private void free(List<Finding> findings, int free, String kind, String setting) {
    if (free < shards) {
      findings.add(
          unusable(
              "%d %s are free, and the relay needs %d, one for each shard"
                  .formatted(Math.max(0, free), kind, shards),
              "raise " + setting + ", which needs a restart of the server"));
    }
  }

  private Future<Void> connect(PgConnection connection, String server, List<Finding> findings) {
    return LogConnectionCheck.run(vertx, database.replicationBeside(connection), server)
        .onSuccess(failed -> failed.ifPresent(failure -> findings.add(refused(failure))))
        .mapEmpty();
  }

  private static Finding refused(LogFailure failure) {
    return unusable(
        failure.reason() == Reason.POOLER
            ? failure.sentence()
            : "a replication connection is expected, and it was refused: " + failure.sentence(),
        failure.reason() == Reason.POOLER
            ? failure.remedy()
            : "let pg_hba.conf and the network admit a replication connection of the relay's role");
  }
}

package io.outboxrelay.check;

import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.check.ReplicationlessPooler.Habit;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.SlotNames;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Finding.Level;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.source.LogConfig;
import io.outboxrelay.source.SlotKind;
import io.outboxrelay.source.SourceMode;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each obstacle to reading the log is found, with its remedy. */
class LogCheckIT {
  private static final OutboxConfig CONFIG =
      OutboxConfig.from(Settings.of("test", Map.of("outbox", Map.of("table", "outbox"))));
  private static final OutboxNames NAMES = CONFIG.names();
  private static final String SO_FAR =
      "the write-ahead log cannot be read, and the relay reads the table: ";

  private static Vertx vertx;

  /** A server that allows one slot and one walsender. */
  private static PostgresServer server;

  private TestDatabase database;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    server =
        PostgresServer.builder()
            .setting("max_replication_slots", 1)
            .setting("max_wal_senders", 1)
            .start();
  }

  @AfterAll
  static void close() {
    done(vertx.close());
    server.close();
  }

  @BeforeEach
  void createOutbox() throws SQLException {
    database = createOutbox(server);
  }

  private static TestDatabase createOutbox(PostgresServer on) throws SQLException {
    var created = on.createDatabase();
    created.execute(new OutboxSchema(CONFIG).script());
    return created;
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void findsNothingWrongWithWhatInitMade() {
    assertThat(examine(database)).containsExactly(Finding.ok("the write-ahead log can be read"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "drop publication $publication | the publication $publication does not exist"
            + " | run init as a role that owns the outbox and has the privilege CREATE on the database",
        "alter publication $publication set (publish = 'update')"
            + " | the publication $publication leaves inserts out, and must publish them"
            + " | alter publication $publication set (publish = 'insert, delete')",
        "alter publication $publication set (publish = 'insert')"
            + " | the publication $publication leaves deletes out, and must publish them"
            + " | alter publication $publication set (publish = 'insert, delete')",
        "alter publication $publication drop table outbox"
            + " | the publication $publication does not list the table $outbox, and must"
            + " | alter publication $publication add table $outbox",
        "alter publication $publication set table outbox where (seq > 5)"
            + " | the publication $publication publishes only some rows of $outbox, and must publish all"
            + " | alter publication $publication set table $outbox",
        "alter publication $publication set table outbox (xid, seq)"
            + " | the publication $publication publishes only some columns of $outbox, and must publish all"
            + " | alter publication $publication set table $outbox",
        "alter publication $publication drop table outbox; alter table outbox set unlogged"
            + " | the table $outbox is unlogged, and must be logged"
            + " | alter table $outbox set logged",
      })
  void aPublicationThatLacksSomething(String damage, String seen, String remedy)
      throws SQLException {
    database.execute(named(damage));

    assertThat(examine(database))
        .containsExactly(Finding.warning(SO_FAR + named(seen), named(remedy)));
    repair(named(remedy));
    assertThat(examine(database)).allMatch(finding -> finding.level() == Level.OK);
  }

  private static String named(String text) {
    return text.replace("$publication", OutboxNames.quoted(NAMES.publication()))
        .replace("$outbox", NAMES.outbox());
  }

  /** Carries out the remedy of a finding. */
  private void repair(String remedy) throws SQLException {
    if (remedy.startsWith("alter")) {
      database.execute(remedy);
    }
    database.execute(new OutboxSchema(CONFIG).script());
    if (remedy.contains("logged")) {
      database.execute(named("alter publication $publication add table outbox"));
    }
  }

  @Test
  void aWalLevelThatIsTooLow() throws SQLException {
    try (var low = PostgresServer.builder().setting("wal_level", "replica").start()) {
      assertThat(examine(createOutbox(low)))
          .containsExactly(
              Finding.warning(
                  SO_FAR + "wal_level is replica and must be logical",
                  "set wal_level = logical in postgresql.conf, and restart the server"));
    }
  }

  @Test
  void aRoleWithoutReplication() throws SQLException {
    String role = "poor_" + database.name();
    database.execute("create role " + role + " login password 'pw'");
    database.execute(new OutboxSchema(CONFIG).grantsForRelay(role));
    String uri = database.uri().replaceFirst("//[^@]*@", "//" + role + "@");
    String quoted = OutboxNames.quoted(role);

    assertThat(examine(uri, "pw", 1))
        .containsExactly(
            Finding.warning(
                SO_FAR + "the role " + role + " lacks the attribute REPLICATION",
                "alter role %1$s replication (on Amazon RDS: grant rds_replication to %1$s)"
                    .formatted(quoted)));
    database.execute("alter role " + quoted + " replication");
    assertThat(examine(uri, "pw", 1)).allMatch(finding -> finding.level() == Level.OK);
    database.execute("drop owned by %1$s; drop role %1$s".formatted(quoted));
  }

  @Test
  void noFreeSlot() throws SQLException {
    database.execute("select pg_create_logical_replication_slot('other', 'pgoutput')");
    try {
      assertThat(examine(database))
          .containsExactly(
              Finding.warning(
                  SO_FAR
                      + "0 replication slots are free, and the relay needs 1, one for each shard",
                  "raise max_replication_slots, which needs a restart of the server"));
    } finally {
      database.execute("select pg_drop_replication_slot('other')");
    }
  }

  @Test
  void tooFewSlotsAndSendersForTheShards() {
    assertThat(examine(database.uri(), server.password(), 2))
        .extracting(Finding::text)
        .containsExactly(
            SO_FAR + "1 replication slots are free, and the relay needs 2, one for each shard",
            SO_FAR + "1 walsenders are free, and the relay needs 2, one for each shard");
  }

  /** If it counted, the command would warn because a relay runs. */
  @Test
  void theSlotOfARelayOfThisOutboxDoesNotCount() throws SQLException {
    String slot = slots(database).temporary(0, "1");
    database.execute("select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    try {
      assertThat(examine(database)).allMatch(finding -> finding.level() == Level.OK);
    } finally {
      database.execute("select pg_drop_replication_slot('" + slot + "')");
    }
  }

  @Test
  void noFreeSender() throws SQLException {
    try (var other = replicating(database)) {
      assertThat(other.isClosed()).isFalse();
      assertThat(examine(database))
          .containsExactly(
              Finding.warning(
                  SO_FAR + "0 walsenders are free, and the relay needs 1, one for each shard",
                  "raise max_wal_senders, which needs a restart of the server"));
    }
  }

  private static Connection replicating(TestDatabase in) throws SQLException {
    var properties = new Properties();
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "13");
    return in.connect(properties);
  }

  @Test
  void aLogThatAHangingRelayWouldKeepWithoutLimit() throws SQLException {
    database.execute("alter system set wal_sender_timeout = 0");
    database.execute("select pg_reload_conf()");
    try {
      assertThat(examine(database))
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.level()).isEqualTo(Level.WARNING);
                assertThat(finding.text())
                    .isEqualTo(
                        "max_slot_wal_keep_size is -1 and wal_sender_timeout is 0, so the server"
                            + " keeps its log without limit for a relay that hangs; one of them"
                            + " must be above zero");
                assertThat(finding.remedy()).startsWith("set wal_sender_timeout = 60s");
              });
    } finally {
      database.execute("alter system reset wal_sender_timeout");
      database.execute("select pg_reload_conf()");
    }
  }

  @Test
  void aLogThatAPermanentSlotWouldKeepWithoutLimit() throws SQLException {
    assertThat(permanently())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.text())
                  .isEqualTo(
                      "max_slot_wal_keep_size is -1, so the server keeps its log without limit for"
                          + " a permanent slot while no relay runs; it must be a size");
              assertThat(finding.remedy()).startsWith("set max_slot_wal_keep_size to a size");
            });
    database.execute("alter system set max_slot_wal_keep_size = '1GB'");
    database.execute("select pg_reload_conf()");
    try {
      assertThat(permanently()).allMatch(finding -> finding.level() == Level.OK);
    } finally {
      database.execute("alter system reset max_slot_wal_keep_size");
      database.execute("select pg_reload_conf()");
    }
  }

  @Test
  void aSlotOfTheSameNameThatBelongsToSomethingElse() throws SQLException {
    String slot = slots(database).permanent(0);
    database.execute("select pg_create_physical_replication_slot('" + slot + "')");
    try {
      assertThat(permanently())
          .contains(
              Finding.warning(
                  SO_FAR
                      + "the slot "
                      + slot
                      + " belongs to something else (physical), and must be a logical slot of"
                      + " pgoutput in this database",
                  "have its owner rename it, or drop it with select pg_drop_replication_slot('"
                      + slot
                      + "')"));
    } finally {
      database.execute("select pg_drop_replication_slot('" + slot + "')");
    }
  }

  @Test
  void aPermanentSlotThatIsLeftOver() throws SQLException {
    String slot = slots(database).permanent(0);
    database.execute("select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    try {
      assertThat(examine(database))
          .containsExactly(
              Finding.warning(
                  "the slot "
                      + slot
                      + " is left over from relay.log.slot: permanent, and the server keeps its log"
                      + " for it",
                  "select pg_drop_replication_slot('" + slot + "')"));
    } finally {
      database.execute("select pg_drop_replication_slot('" + slot + "')");
    }
  }

  /**
   * Slot names are unique in the server, and outboxes of several databases may have equal names.
   */
  @Test
  void theSlotOfARelayOfAnotherDatabaseCounts() throws SQLException {
    try (var other = createOutbox(server)) {
      other.execute(
          "select pg_create_logical_replication_slot('%s', 'pgoutput')"
              .formatted(slots(other).permanent(0)));
      assertThat(examine(database))
          .extracting(Finding::text)
          .containsExactly(
              SO_FAR + "0 replication slots are free, and the relay needs 1, one for each shard");
      other.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots");
    }
  }

  private static SlotNames slots(TestDatabase outbox) throws SQLException {
    try (var connection = outbox.connect();
        var rows =
            connection
                .createStatement()
                .executeQuery("select oid from pg_database where datname = current_database()")) {
      rows.next();
      return SlotNames.of(NAMES, rows.getLong(1));
    }
  }

  private List<Finding> permanently() {
    return examine(database.uri(), server.password(), 1, SlotKind.PERMANENT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "REFUSES | it was refused: unsupported startup parameter: replication",
        "LEAVES_THE_PARAMETER_OUT | the server sees an ordinary one, so a pooler in between has left"
            + " the parameter replication out",
      })
  void aPoolerThatDoesNotPassTheReplicationProtocolOn(Habit habit, String seen) throws Exception {
    try (var pooler = ReplicationlessPooler.before(server, habit)) {
      String uri = database.uri().replace(":" + server.port() + "/", ":" + pooler.port() + "/");
      assertThat(examine(uri, server.password(), 1))
          .containsExactly(
              Finding.warning(
                  SO_FAR + "a replication connection is expected, and " + seen,
                  "let database.uri name the server itself, or a pooler that passes the"
                      + " replication protocol on"));
    }
  }

  private static List<Finding> examine(TestDatabase outbox) {
    return examine(outbox.uri(), outbox.server().password(), 1);
  }

  private static List<Finding> examine(String uri, String password, int shards) {
    return examine(uri, password, shards, SlotKind.TEMPORARY);
  }

  private static List<Finding> examine(String uri, String password, int shards, SlotKind slot) {
    var config =
        DatabaseConfig.from(
            Settings.of(
                "test",
                Map.of(
                    "database",
                    Map.of("uri", uri, "password", password, "tls", Map.of("mode", "disable")))));
    var connections = Database.create(vertx, config);
    try {
      return done(
          connections
              .connect()
              .compose(
                  connection ->
                      new LogCheck(
                              vertx,
                              connections,
                              NAMES,
                              new LogConfig(SourceMode.AUTO, 1L << 30, slot),
                              shards)
                          .examine(connection)
                          .eventually(connection::close)));
    } finally {
      done(connections.close());
    }
  }
}

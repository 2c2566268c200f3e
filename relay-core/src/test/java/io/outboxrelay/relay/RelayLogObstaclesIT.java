package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.check.ReplicationlessPooler;
import io.outboxrelay.check.ReplicationlessPooler.Habit;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * If an obstacle keeps a relay from reading the log, the relay reads the table and names a remedy.
 * Once the remedy is applied, it reads the log without a restart.
 */
class RelayLogObstaclesIT {
  @BeforeEach
  void needOneRelay() {
    RelayBench.assumeOneRelay();
  }

  /** With {@code auto} the obstacle exists at the start; with {@code log} it arises later. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "drop publication $publication | the publication $publication does not exist"
            + " | run init as a role that owns the outbox and has the privilege CREATE on the database"
            + " | $init",
        "alter publication $publication set (publish = 'update')"
            + " | the publication $publication leaves inserts out, and must publish them"
            + " | alter publication $publication set (publish = 'insert, delete') | ",
        "alter publication $publication set (publish = 'insert')"
            + " | the publication $publication leaves deletes out, and must publish them"
            + " | alter publication $publication set (publish = 'insert, delete') | ",
        "alter publication $publication drop table outbox"
            + " | the publication $publication does not list the table $outbox, and must"
            + " | alter publication $publication add table $outbox | ",
        "alter publication $publication set table outbox where (seq > 5)"
            + " | the publication $publication publishes only some rows of $outbox, and must publish all"
            + " | alter publication $publication set table $outbox | ",
        "alter publication $publication set table outbox (xid, seq)"
            + " | the publication $publication publishes only some columns of $outbox, and must publish all"
            + " | alter publication $publication set table $outbox | ",
      })
  void aPublicationThatLacksSomething(String damage, String seen, String remedy, String mend)
      throws SQLException {
    try (var atTheStart = RelayBench.create().with("relay.source", "auto");
        var later = RelayBench.create().with("relay.source", "log")) {
      var second = later.leading();
      awaitLog(second);
      atTheStart.database().execute(named(damage, atTheStart));
      var first = atTheStart.leading();
      later.database().execute(named(damage, later));

      assertReadsTheTable(atTheStart, first, named(seen, later), named(remedy, later));
      assertReadsTheTable(later, second, named(seen, later), named(remedy, later));

      String mended = mend == null ? remedy : mend;
      atTheStart.database().execute(named(mended, atTheStart));
      later.database().execute(named(mended, later));
      assertReadsTheLog(atTheStart, first);
      assertReadsTheLog(later, second);
    }
  }

  private static OutboxNames names(RelayBench bench) {
    return OutboxConfig.from(bench.settings()).names();
  }

  private static String named(String text, RelayBench bench) {
    return text.replace("$publication", OutboxNames.quoted(names(bench).publication()))
        .replace("$outbox", names(bench).outbox())
        .replace("$init", new OutboxSchema(OutboxConfig.from(bench.settings())).script());
  }

  /** Verifies that the next event arrives, and that the relay states why it reads the table. */
  private static void assertReadsTheTable(RelayBench bench, Relay relay, String seen, String remedy)
      throws SQLException {
    deliverNext(bench);
    awaitReason(relay, seen + "; to read the log, " + remedy);
  }

  private static void awaitReason(Relay relay, String reason) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                // From PostgreSQL 17 on, names of settings are quoted.
                assertThat(source(relay).sentence().replaceAll("\"(max_[a-z_]+)\"", "$1"))
                    .isEqualTo(reason));
    assertThat(source(relay).isLog()).isFalse();
  }

  private static void assertReadsTheLog(RelayBench bench, Relay relay) throws SQLException {
    awaitLog(relay);
    deliverNext(bench);
    assertThat(source(relay).isLog()).isTrue();
  }

  private static void deliverNext(RelayBench bench) throws SQLException {
    int next = bench.arrived().size() + 1;
    bench.commit("a-1", next);
    bench.awaitArrivals(next);
    assertThat(bench.versions())
        .isEqualTo(Map.of("a-1", IntStream.rangeClosed(1, next).boxed().toList()));
  }

  private static io.outboxrelay.health.ShardSource source(Relay relay) {
    return relay.health().shard(0).source();
  }

  private static void awaitLog(Relay relay) {
    await().atMost(PATIENCE).until(() -> source(relay).isLog());
  }

  @Test
  void aRoleWithoutThePrivilege() throws SQLException {
    for (String mode : List.of("auto", "log")) {
      try (var bench = RelayBench.create().with("relay.source", mode)) {
        String role = Role.create(bench).name();
        var relay = bench.leading();

        assertReadsTheTable(
            bench,
            relay,
            "the role " + role + " lacks the attribute REPLICATION",
            "alter role %1$s replication (on Amazon RDS: grant rds_replication to %1$s)"
                .formatted(OutboxNames.quoted(role)));

        bench.database().execute("alter role " + role + " replication");
        assertReadsTheLog(bench, relay);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSES", "LEAVES_THE_PARAMETER_OUT"})
  void aPoolerThatDoesNotKnowReplication(Habit habit) throws Exception {
    var server = PostgresServer.shared();
    for (String mode : List.of("auto", "log")) {
      try (var pooler = ReplicationlessPooler.before(server, habit);
          var bench = RelayBench.create().with("relay.source", mode)) {
        String direct = ":" + server.port() + "/";
        String pooled = bench.database().uri().replace(direct, ":" + pooler.port() + "/");
        var relay =
            bench.with("database.uri", pooled).with("database.tls.mode", "disable").leading();

        assertReadsTheTable(
            bench,
            relay,
            habit == Habit.REFUSES
                ? "a replication connection is expected, and it was refused: unsupported startup"
                    + " parameter: replication"
                : "a replication connection is expected, and the server sees an ordinary one, so a"
                    + " pooler in between has left the parameter replication out",
            "let database.uri name the server itself, or a pooler that passes the replication"
                + " protocol on");

        pooler.becomes(Habit.PASSES_ON);
        // A restart of the pooler would end the connections through it, too.
        bench.terminate("true");
        assertReadsTheLog(bench, relay);
      }
    }
  }

  /** A slot that exists is read before the table, so the start waits for its connection. */
  @Test
  void aServerThatFallsSilentOnTheConnectionOfTheLogDoesNotHoldUpTheStart() throws Exception {
    var server = PostgresServer.shared();
    try (var pooler = ReplicationlessPooler.before(server, Habit.PASSES_ON);
        var bench = RelayBench.create().with("relay.source", "auto")) {
      String direct = ":" + server.port() + "/";
      String pooled = bench.database().uri().replace(direct, ":" + pooler.port() + "/");
      bench.with("database.uri", pooled).with("database.tls.mode", "disable");
      bench.with("database.connect-timeout", "2s").with("relay.log.slot", "permanent");
      awaitLog(bench.leading());
      deliverNext(bench);
      bench.stopAll();

      pooler.becomes(Habit.FALLS_SILENT);
      var relay = bench.leading();
      deliverNext(bench);

      pooler.becomes(Habit.PASSES_ON);
      assertReadsTheLog(bench, relay);
    }
  }

  @Test
  void noFreeSlot() throws SQLException {
    try (var server = PostgresServer.builder().setting("max_replication_slots", 1).start()) {
      for (String mode : List.of("auto", "log")) {
        try (var bench = RelayBench.on(server).with("relay.source", mode)) {
          bench.query("select pg_create_logical_replication_slot('other', 'pgoutput')");
          var relay = bench.leading();

          assertReadsTheTable(
              bench,
              relay,
              "all replication slots are in use; Hint: Free one or increase max_replication_slots",
              "raise max_replication_slots, which needs a restart of the server");

          bench.query("select pg_drop_replication_slot('other')");
          assertReadsTheLog(bench, relay);
        }
      }
    }
  }

  @Test
  void noFreeSender() throws SQLException {
    try (var server = PostgresServer.builder().setting("max_wal_senders", 1).start()) {
      for (String mode : List.of("auto", "log")) {
        try (var bench = RelayBench.on(server).with("relay.source", mode)) {
          Relay relay;
          try (var other = replicating(bench)) {
            assertThat(other.isClosed()).isFalse();
            relay = bench.leading();

            assertReadsTheTable(
                bench,
                relay,
                "number of requested standby connections exceeds max_wal_senders (currently 1)",
                "raise max_wal_senders, which needs a restart of the server");
          }
          assertReadsTheLog(bench, relay);
        }
      }
    }
  }

  private static Connection replicating(RelayBench bench) throws SQLException {
    var properties = new Properties();
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "13");
    return bench.database().connect(properties);
  }

  /**
   * The names of slots are shared by all databases of a server, and many databases have an outbox
   * of the same name.
   */
  @ParameterizedTest
  @CsvSource({"permanent", "temporary"})
  void outboxesOfOneNameInTwoDatabasesHaveTheirOwnSlots(String kind) throws SQLException {
    try (var one = RelayBench.create();
        var other = RelayBench.create()) {
      for (var bench : List.of(one, other)) {
        bench.with("relay.source", "log").with("relay.log.slot", kind);
        assertReadsTheLog(bench, bench.leading());
      }
      for (var bench : List.of(one, other)) {
        bench.stopAll();
        bench.with("relay.source", "table").leading();
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    bench.query(
                        "select count(*) from pg_replication_slots"
                            + " where database = current_database()"),
                "0"::equals);
      }
    }
  }

  /**
   * Neither source can be read without the column, so nothing is published. The problem is at first
   * the server's answer to a look, and in the next term the result of the verification of the
   * table.
   */
  @ParameterizedTest
  @CsvSource({"auto", "log"})
  void aColumnThatIsDropped(String mode) throws SQLException {
    try (var bench = RelayBench.create().with("relay.source", mode)) {
      var relay = bench.leading();
      awaitLog(relay);
      deliverNext(bench);
      bench.database().execute("alter table outbox drop headers");
      bench.commit("a-1", 2);

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(relay.verdict().sentence())
                      .containsAnyOf("column \"headers\" does not exist", "lacks headers")
                      .containsAnyOf(
                          "run init to create or upgrade the outbox",
                          "compare it with what the command init --print prints"));
      assertThat(relay.ended().isComplete()).isFalse();
      assertThat(bench.arrived()).hasSize(1);

      bench.database().execute("alter table outbox add headers jsonb");
      bench.awaitArrivals(2);
      assertReadsTheLog(bench, relay);
    }
  }
}

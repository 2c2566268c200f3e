package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.SlotNames;
import io.outboxrelay.pause.Pause;
import io.outboxrelay.pause.PauseTable;
import io.outboxrelay.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * A relay that reads the write-ahead log keeps the same promises, and reads the table while it
 * cannot read the log.
 */
class RelayLogIT {
  private static final String OF_PERMANENT =
      " from pg_replication_slots s where database = current_database() and not temporary";

  private static final Actor ALICE = new Actor("alice", Actor.Channel.API);

  private RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    RelayBench.assumeOneRelay();
    bench = RelayBench.create().with("relay.source", "auto");
  }

  @AfterEach
  void close() {
    if (bench != null) {
      bench.close();
    }
  }

  @Test
  void theBacklogComesFromTheTableAndTheRestFromTheLog() throws SQLException {
    bench.commit("a-1", 1, 2);
    var relay = bench.leading();
    awaitLog(relay);

    bench.commit("a-1", 3);
    bench.commit("a-2", 1);

    bench.awaitArrivals(4);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3), "a-2", List.of(1)));
  }

  @Test
  void aStopLeavesNoSlotAndRepeatsNothing() throws SQLException {
    var relay = bench.with("relay.log.slot", "temporary").leading();
    awaitLog(relay);
    bench.commit("a-1", 1, 2, 3);
    bench.awaitArrivals(3);
    bench.stopAll();
    await().atMost(PATIENCE).until(() -> slots() == 0);

    bench.commit("a-1", 4);
    var next = bench.leading();
    bench.awaitArrivals(4);
    awaitLog(next);
    bench.commit("a-1", 5);

    bench.awaitArrivals(5);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3, 4, 5)));
  }

  @Test
  void nothingIsLostOrOvertakenWhileWalsendersAreKilled() throws Exception {
    var relay = bench.with("relay.page-size", 7).leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(10))) {
      writers.start(8, 1, 3);
      while (writers.isRunning()) {
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    RelayBench.value(relay, "outbox_source_log{shard=\"0\"}") == 1
                        || !writers.isRunning());
        int before = bench.arrived().size();
        bench.awaitArrivals(before + 20, writers);
        killWalsenders();
      }
      var committed = writers.finish();

      bench.awaitArrivals(HostileWriters.total(committed));
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
    }
  }

  @Test
  void severalShardsReadTheLog() throws Exception {
    bench.close();
    bench = RelayBench.withoutOutbox(PostgresServer.shared());
    bench.with("relay.source", "auto").with("relay.shards", 3).init();
    var relay = bench.started();
    bench.awaitAllLed();
    for (int shard = 0; shard < 3; shard++) {
      String series = "outbox_source_log{shard=\"" + shard + "\"}";
      await().atMost(PATIENCE).until(() -> RelayBench.value(relay, series) == 1);
    }
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(5))) {
      writers.start(6, 0, 3);
      var committed = writers.finish();

      bench.awaitArrivals(HostileWriters.total(committed));
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
    }
  }

  /** The broker accepts nothing, so the relay cannot confirm the log to the server. */
  @Test
  void anOutageHoldsTheLogBackNoFurtherThanTheBudget() throws SQLException {
    var relay = bench.with("relay.log.budget", "32MiB").leading();
    awaitLog(relay);
    bench.broker().fail(message -> true);
    exceedBudget(relay);
    // Another slot would exceed the budget again, and the next one as well.
    await().during(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> slots() == 0);
    bench.broker().fail(message -> false);
    bench.broker().restart();
    bench.awaitArrivals(20);
    awaitLog(relay);
  }

  @Test
  void aPauseHoldsTheLogBackNoFurtherThanTheBudget() throws SQLException {
    var relay = bench.with("relay.log.budget", "32MiB").leading();
    awaitLog(relay);
    pauses(table -> table.pause(Pause.ALL, "test", ALICE));
    await().atMost(PATIENCE).until(relay::isPaused);
    exceedBudget(relay);
    await().atMost(PATIENCE).until(() -> slots() == 0);
    assertThat(bench.arrived()).isEmpty();

    pauses(table -> table.resume(Pause.ALL, ALICE));
    bench.awaitArrivals(20);
    awaitLog(relay);
  }

  private void pauses(Function<PauseTable, Future<?>> change) {
    var names = OutboxConfig.from(bench.settings()).names();
    var options = DatabaseConfig.from(bench.settings()).toConnectOptions();
    done(
        PgConnection.connect(bench.vertx(), options)
            .compose(
                connection ->
                    change.apply(new PauseTable(connection, names)).eventually(connection::close)));
  }

  /**
   * Commits 20 events, and writes so much into another table that the relay must give up its slot.
   */
  private void exceedBudget(Relay relay) throws SQLException {
    for (int i = 0; i < 20; i++) {
      bench.commitMany(1, 10);
      noise();
    }
    String overBudget = "outbox_source_changes_total{reason=\"budget\",shard=\"0\",to=\"table\"}";
    await().atMost(PATIENCE).until(() -> RelayBench.value(relay, overBudget) >= 1);
  }

  /** Produces 2 MB of log by writing into another table. */
  private void noise() throws SQLException {
    bench
        .database()
        .execute(
            "create table if not exists noise (x text); insert into noise"
                + " select repeat(md5(g::text), 60) from generate_series(1, 1000) g");
  }

  /** The slot advances although the log contains no events. */
  @Test
  void aQuietOutboxDoesNotHoldTheLogBack() throws SQLException {
    awaitLog(bench.leading());
    awaitConfirmedBeyond(bench.query("select pg_current_wal_insert_lsn()"));
  }

  /**
   * A trigger inserts a row before each row, so the log has the rows in another order than the
   * table, and the table cannot tell which ones the log has delivered.
   */
  @Test
  void aPartThatIsPublishedAgainIsCountedOnce() throws SQLException {
    bench
        .database()
        .execute(
            """
            create function precede() returns trigger language plpgsql as $$ begin
              insert into outbox (aggregate_type, aggregate_id, event_type, payload)
                values ('order', 'before-' || new.seq, '1', '1');
              return new;
            end $$;
            create trigger precede before insert on outbox for each row
              when (new.aggregate_id like 'o-%') execute function precede();
            """);
    bench.with("relay.log.slot", "temporary");
    var relay = bench.with("relay.page-size", 7).with("relay.read-ahead", 7).leading();
    awaitLog(relay);
    bench.broker().pause();
    bench.commitMany(30, 10);
    await().atMost(PATIENCE).until(() -> bench.broker().waiting() >= 7);
    killWalsenders();
    await().atMost(PATIENCE).until(() -> !relay.health().shard(0).source().isLog());
    bench.broker().resume();

    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> bench.query("select sum(events) from outbox_account"), "60"::equals);
    assertThat(bench.arrived()).as("some are published again").hasSizeGreaterThan(60);
    assertThat(bench.query("select count(*) from outbox_difference")).isEqualTo("0");
  }

  /**
   * The transaction is published only in part. Because it has ended and its range of numbers is
   * full, the range is compared with the account.
   */
  @Test
  void aPartThatIsPublishedSoFarIsNoDifference() throws SQLException {
    bench.with("outbox.clean-up-interval", "50ms");
    var relay = bench.with("relay.page-size", 100).with("relay.read-ahead", 100).leading();
    awaitLog(relay);
    var taken = new AtomicInteger();
    bench.broker().fail(message -> taken.incrementAndGet() > 250);
    bench.commitMany(5_000, 10);
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select partial_rows from outbox_checkpoint"), "200"::equals);
    // A further event, from which the relay learns that the transaction has ended.
    bench.commitMany(1, 10);

    String pass = "select compared > 0 from outbox_checkpoint where shard = 0";
    await().during(Duration.ofSeconds(1)).atMost(PATIENCE).until(() -> noDifference());
    bench.broker().fail(message -> false);
    await().atMost(PATIENCE).until(() -> bench.query(pass).startsWith("t"));
    assertThat(noDifference()).isTrue();
  }

  private boolean noDifference() throws SQLException {
    return bench.query("select count(*) from outbox_difference").equals("0");
  }

  /**
   * Large transactions, which the server sends in parts, delete their rows at once or at their end.
   */
  @Test
  void eventsThatTheirOwnTransactionDeletesAreDeliveredAndAreNoDifference() throws SQLException {
    bench.with("outbox.clean-up-interval", "50ms").with("relay.source", "log");
    var relay = bench.with("relay.page-size", 100).with("relay.read-ahead", 100).leading();
    awaitLog(relay);
    bench
        .database()
        .execute(
            "begin; %s; delete from outbox; %s; commit"
                .formatted(RelayBench.insert("a-1", 1), RelayBench.insert("a-1", 2)));
    bench
        .database()
        .execute(
            """
            do $$ begin
              for n in 1..2000 loop
                insert into outbox (aggregate_type, aggregate_id, event_type, payload)
                  values ('order', 'd-' || n, '1', '1');
                delete from outbox where aggregate_id = 'd-' || n and n % 2 = 0;
              end loop;
            end $$;
            begin;
            insert into outbox (aggregate_type, aggregate_id, event_type, payload)
              select 'order', 'e-' || n, '1', '1' from generate_series(1, 3000) n;
            delete from outbox where aggregate_id like 'e-%' and seq % 3 = 0;
            commit;
            """);

    bench.awaitArrivals(5_002);
    assertThat(bench.versions()).containsEntry("a-1", List.of(1, 2)).hasSize(5_001);
    String compared = "select compared > 0 from outbox_checkpoint where shard = 0";
    await().atMost(PATIENCE).until(() -> bench.query(compared).startsWith("t"));
    assertThat(noDifference()).isTrue();
    assertThat(bench.query("select sum(events) from outbox_account"))
        .isEqualTo(bench.query("select count(*) from outbox"))
        .isEqualTo("3001");
  }

  /** The row is deleted in the transaction that wrote it, so only the log has it. */
  @Test
  void aPermanentSlotIsReadFromTheStopOn() throws SQLException {
    var relay = bench.with("relay.log.slot", "permanent").leading();
    awaitLog(relay);
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
    // The slot must not be confirmed beyond what the checkpoint covers, also if the outbox is idle.
    String position = bench.query("select pg_current_wal_insert_lsn()");
    awaitConfirmedBeyond(position);
    bench.stopAll();
    assertThat(slots()).isEqualTo(1);
    assertThat(bench.query("select (to_jsonb(s) ->> 'failover')::bool is true" + OF_PERMANENT))
        .as("from PostgreSQL 17 on, a standby may have it")
        .isEqualTo(bench.query("select current_setting('server_version_num')::int >= 170000"));
    bench
        .database()
        .execute(
            "begin; %s; delete from outbox where event_type = '2'; commit"
                .formatted(RelayBench.insert("a-1", 2)));
    bench.commit("a-1", 3);

    awaitLog(bench.leading());
    bench.awaitArrivals(3);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3)));

    bench.stopAll();
    bench.with("relay.log.slot", "temporary").with("relay.source", "table").leading();
    await().atMost(PATIENCE).until(() -> slots() == 0);
  }

  /** No event comes after the restart. */
  @Test
  void aRestartFromAPermanentSlotCleansUpWhatWasConfirmedBefore() throws SQLException {
    bench.with("relay.log.slot", "permanent").with("outbox.retention", "1h");
    awaitLog(bench.leading());
    bench.commit("a-1", 1, 2, 3);
    bench.awaitArrivals(3);
    bench.stopAll();

    bench.with("outbox.retention", "0s").with("outbox.clean-up-interval", "50ms");
    awaitLog(bench.leading());

    await().atMost(PATIENCE).until(() -> bench.query("select count(*) from outbox"), "0"::equals);
    assertThat(bench.arrived()).hasSize(3);
  }

  /** The slot remains, but the relay reads nothing from it. */
  @Test
  void aLostConnectionIsToldDuringAnOutage() throws SQLException {
    bench.with("relay.log.slot", "permanent");
    var relay = bench.with("relay.page-size", 7).with("relay.read-ahead", 7).leading();
    awaitLog(relay);
    bench.broker().pause();
    bench.commitMany(30, 10);
    await().atMost(PATIENCE).until(() -> bench.broker().waiting() >= 7);
    killWalsenders();

    await().atMost(PATIENCE).until(() -> !relay.health().shard(0).source().isLog());
    bench.broker().resume();
    bench.awaitArrivals(30);
    awaitLog(relay);
    assertThat(bench.arrived()).hasSize(30);
  }

  /** The slot is replaced, and the new one waits for the end of the transaction. */
  @Test
  void anOpenTransactionDoesNotDelayTheStartWithAPermanentSlot() throws SQLException {
    awaitLog(bench.with("relay.log.slot", "permanent").leading());
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
    bench.stopAll();
    String publication = OutboxConfig.from(bench.settings()).names().publication();
    bench.database().execute("drop publication \"" + publication + "\"");
    bench.init();
    try (var open = bench.database().connect()) {
      open.setAutoCommit(false);
      open.createStatement().execute("select pg_current_xact_id()");
      bench.commit("a-1", 2);

      var relay = bench.leading();
      bench.awaitArrivals(2);
      assertThat(relay.health().shard(0).source().isLog()).isFalse();
      open.commit();
      awaitLog(relay);
    }
  }

  /** The relay cannot read the log, so it confirms nothing to the server. */
  @Test
  void aPermanentSlotThatIsNotReadHoldsTheLogBackNoFurtherThanTheBudget() throws SQLException {
    bench.with("relay.log.slot", "permanent").with("relay.log.budget", "32MiB");
    awaitLog(bench.leading());
    bench.stopAll();
    String publication = OutboxConfig.from(bench.settings()).names().publication();
    bench.database().execute("drop publication \"" + publication + "\"");
    var relay = bench.leading();
    await().atMost(PATIENCE).until(() -> reason(relay).contains("does not exist"));
    assertThat(slots()).isEqualTo(1);

    for (int i = 0; i < 20; i++) {
      noise();
    }

    await().atMost(PATIENCE).until(() -> slots() == 0);
    bench.init();
    awaitLog(relay);
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
  }

  @Test
  void aSlotOfSomethingElseIsLeftAlone() throws SQLException {
    String slot = permanentSlot();
    bench.query("select pg_create_physical_replication_slot('" + slot + "')");
    var relay = bench.with("relay.log.slot", "permanent").leading();
    bench.commit("a-1", 1);

    bench.awaitArrivals(1);
    await().atMost(PATIENCE).until(() -> reason(relay).contains("belongs to something else"));
    bench.stopAll();
    bench.query("select pg_drop_replication_slot('" + slot + "')");
  }

  @Test
  void aSlotThatIsActiveElsewhereIsLeftAlone() throws SQLException {
    var names = OutboxConfig.from(bench.settings()).names();
    String slot = permanentSlot();
    bench.query("select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    var properties = new Properties();
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "13");
    Relay relay;
    try (var other = bench.database().connect(properties);
        var stream =
            other
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", '"' + names.publication() + '"')
                .start()) {
      assertThat(stream.isClosed()).isFalse();
      relay = bench.with("relay.log.slot", "permanent").leading();
      bench.commit("a-1", 1);

      bench.awaitArrivals(1);
      await().atMost(PATIENCE).until(() -> reason(relay).contains("is in use by the process"));
      assertThat(slots()).isEqualTo(1);
    }
    // The slot has never belonged to this relay, so the relay replaces it as soon as it is free.
    awaitLog(relay);
    bench.stopAll();
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select bool_or(active)" + OF_PERMANENT), "f"::equals);
    bench.query("select pg_drop_replication_slot('" + slot + "')");
  }

  @Test
  void aDroppedPublicationIsNoticed() throws SQLException {
    var relay = bench.leading();
    awaitLog(relay);
    awaitReported("log ");
    String publication = OutboxConfig.from(bench.settings()).names().publication();
    bench.database().execute("drop publication \"" + publication + "\"");

    bench.commit("a-1", 1);

    bench.awaitArrivals(1);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1)));
    assertThat(RelayBench.value(relay, "outbox_source_log{shard=\"0\"}")).isZero();
    awaitReported("table publication");
  }

  /** Waits until the relay has stored its source in the table that the command status reads. */
  private void awaitReported(String source) {
    String reported = "select source || ' ' || source_reason from outbox_leader_report";
    await().atMost(PATIENCE).ignoreExceptions().until(() -> bench.query(reported), source::equals);
  }

  @Test
  void withoutThePrivilegeTheTableIsRead() throws SQLException {
    Role.create(bench);
    var relay = bench.leading();
    bench.commit("a-1", 1);

    bench.awaitArrivals(1);
    await().atMost(PATIENCE).until(() -> reason(relay).contains("REPLICATION"));
  }

  @Test
  void belowLogicalTheTableIsRead() throws SQLException {
    try (var server = PostgresServer.builder().setting("wal_level", "replica").start()) {
      for (String source : List.of("log", "auto")) {
        try (var other = RelayBench.on(server).with("relay.source", source)) {
          var relay = other.leading();
          other.commit("a-1", 1);

          other.awaitArrivals(1);
          await().atMost(PATIENCE).until(() -> reason(relay).contains("wal_level is replica"));
          assertThat(RelayBench.value(relay, "outbox_source_log{shard=\"0\"}")).isZero();
        }
      }
    }
  }

  private String permanentSlot() throws SQLException {
    String database = bench.query("select oid from pg_database where datname = current_database()");
    return SlotNames.of(OutboxConfig.from(bench.settings()).names(), Long.parseLong(database))
        .permanent(0);
  }

  private static String reason(Relay relay) {
    return relay.health().shard(0).source().sentence();
  }

  /** Writes into another table until the slot's owner has confirmed the log up to a position. */
  private void awaitConfirmedBeyond(String position) throws SQLException {
    bench.database().execute("create table noise (x text)");
    String noise =
        "insert into noise select repeat(md5(g::text), 60) from generate_series(1, 200) g";
    String confirmed =
        "select bool_and(confirmed_flush_lsn > '%s') from pg_replication_slots where database ="
                .formatted(position)
            + " current_database()";
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              bench.database().execute(noise);
              return bench.query(confirmed).startsWith("t");
            });
  }

  private int slots() throws SQLException {
    return Integer.parseInt(
        bench.query(
            "select count(*) from pg_replication_slots where database = current_database()"));
  }

  private void killWalsenders() throws SQLException {
    bench.query(
        "select count(pg_terminate_backend(active_pid)) from pg_replication_slots"
            + " where database = current_database() and active");
  }

  private static void awaitLog(Relay relay) {
    await()
        .atMost(PATIENCE)
        .until(() -> RelayBench.value(relay, "outbox_source_log{shard=\"0\"}") == 1);
  }
}

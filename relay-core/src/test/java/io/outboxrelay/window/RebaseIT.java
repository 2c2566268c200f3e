package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.account.AccountProbe;
import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A restored dump brings transaction ids into a cluster that has not assigned them yet. */
class RebaseIT {
  private static final long FUTURE = 4_000_000_000L;

  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));
  private final OutboxNames names = config.names();
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private PgConnection connection;

  @BeforeEach
  void restoreDump() throws Exception {
    database.execute(new OutboxSchema(config).script());
    // Six events by transactions of the old cluster. The settled snapshot sees ids up to FUTURE +
    // 2,
    // the open window those up to FUTURE + 5, and the window is confirmed up to event 4.
    for (int i = 1; i <= 6; i++) {
      database.execute(
          "insert into outbox (xid, aggregate_type, aggregate_id, event_type) values ('%d', 'a', '%d', 'e')"
              .formatted(FUTURE + i, i));
    }
    database.execute("select setval('outbox_seq', 6)");
    database.execute(
        "update outbox_checkpoint set settled = '%1$d:%1$d:', top = 4, floor = 2, fence = '%2$d',"
                .formatted(FUTURE + 3, FUTURE + 6)
            + " open_window = '%1$d:%1$d:', position = 4".formatted(FUTURE + 6));
    connection = TestConnections.open(vertx, database);
  }

  @AfterEach
  void close() {
    connection.close().await();
    vertx.close().await();
    database.close();
  }

  @Test
  void aRestoredDatabaseIsNoticed() {
    var from = new CheckpointStore(connection, names, ShardKey.all()).claim("test", "").await();
    assertThatThrownBy(() -> RestoredDatabaseCheck.verify(connection, names, 0, from).await())
        .isInstanceOf(RestoredDatabaseException.class)
        .hasMessageContaining("restored from a dump")
        .hasMessageContaining("rebase");
  }

  @Test
  void onlyUnconfirmedEventsArePublishedAfterwards() throws Exception {
    assertThat(Rebase.run(connection, names).await()).isEqualTo(2);
    var from = new CheckpointStore(connection, names, ShardKey.all()).claim("test", "").await();
    RestoredDatabaseCheck.verify(connection, names, 0, from).await();
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type) values ('a', '7', 'e')");
    assertThat(delivered(from)).containsExactly("5", "6", "7");
  }

  /** After a restore, applications may be started before the relay. */
  @Test
  void eventsWrittenBetweenTheRestoreAndTheRebaseArePublished() throws Exception {
    insert("7");

    assertThat(Rebase.run(connection, names).await()).isEqualTo(3);

    insert("8");
    assertThat(delivered(claimed())).containsExactly("5", "6", "7", "8");
  }

  /**
   * Logical replication copies rows but not the sequence, and the clean-up has freed the low
   * numbers.
   */
  @Test
  void eventsWithLowNumbersOfASequenceThatWasNotCarriedOverArePublished() throws Exception {
    database.execute("delete from outbox where seq <= 2; select setval('outbox_seq', 1, false)");
    insert("7");

    Rebase.run(connection, names).await();

    insert("8");
    assertThat(delivered(claimed())).containsExactly("7", "5", "6", "8");
  }

  /** The ids of the new cluster are above those of the checkpoint, so only its identity differs. */
  @ParameterizedTest
  @CsvSource({"system_identifier, cluster", "database_oid, database"})
  void anotherClusterOrDatabaseIsNoticedThoughItsIdsAreHigher(String column, String what)
      throws Exception {
    database.execute(
        "delete from outbox; update outbox_checkpoint set settled = '4:4:', fence = '4', top = 0,"
            + " floor = 0, open_window = null, position = null");
    claimed();
    database.execute("update outbox_checkpoint set %1$s = %1$s + 1".formatted(column));
    insert("7");

    assertThatThrownBy(this::claimed)
        .isInstanceOf(RestoredDatabaseException.class)
        .hasMessageContaining("the checkpoint belongs to the database with the oid")
        .hasMessageContaining(what)
        .hasMessageContaining("run the command rebase");

    Rebase.run(connection, names).await();
    assertThat(delivered(claimed())).containsExactly("7");
  }

  @Test
  void aSequenceThatWasSetBackIsNoticedAndWhatItNumberedIsPublishedAfterARebase() throws Exception {
    Rebase.run(connection, names).await();
    var reader = reader(claimed());
    assertThat(delivered(reader)).containsExactly("5", "6");
    database.execute("delete from outbox; select setval('outbox_seq', 1, false)");
    insert("7");

    assertThatThrownBy(() -> reader.next().await())
        .isInstanceOf(ContradictionException.class)
        .hasMessageContaining("\"outbox_seq\" gave out the number 1 last, but number 6 was read")
        .hasMessageContaining("run the command rebase");

    Rebase.run(connection, names).await();
    assertThat(delivered(claimed())).containsExactly("7");
  }

  /** As if only the outbox and the checkpoint had been restored. */
  @Test
  void anEmptyAccountTakesOverWhatCountsAsDelivered() throws Exception {
    Rebase.run(connection, names).await();

    assertThat(AccountProbe.differences(database, names)).isEmpty();
  }

  /** The events are delivered again, and counted again then. */
  @Test
  void eventsThatTheAccountHasAndThatCountAsWaitingLeaveIt() throws Exception {
    AccountProbe.adopt(database, names);
    database.execute(
        "update outbox_account set events = events + 2, digest = digest + (select sum(%s) from outbox event where seq > 4)"
            .formatted(AccountProbe.hash()));

    Rebase.run(connection, names).await();

    assertThat(AccountProbe.differences(database, names)).isEmpty();
  }

  @Test
  void anEventThatTheAccountLacksStaysADifference() throws Exception {
    AccountProbe.adopt(database, names);
    database.execute(
        "update outbox_account set events = events - 1, digest = digest - (select %s from outbox event where seq = 2)"
            .formatted(AccountProbe.hash()));

    Rebase.run(connection, names).await();

    assertThat(AccountProbe.differences(database, names)).startsWith("0: 3 delivered, 4 standing");
  }

  private void insert(String aggregate) throws Exception {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type) values ('a', '%s', 'e')"
            .formatted(aggregate));
  }

  private Checkpoint claimed() {
    var from = new CheckpointStore(connection, names, ShardKey.all()).claim("test", "").await();
    RestoredDatabaseCheck.verify(connection, names, 0, from).await();
    return from;
  }

  @Test
  void aRelayAtWorkIsNotDisturbed() throws Exception {
    try (var owner = database.connect();
        var statement = owner.createStatement()) {
      statement.execute("select pg_advisory_lock(" + names.leaseLock(0) + ")");
      assertThatThrownBy(() -> Rebase.run(connection, names).await())
          .hasMessageContaining("a relay owns a shard of this outbox");
    }
  }

  private WindowReader reader(Checkpoint from) {
    var query =
        new PageQuery(
            connection,
            names,
            ShardKey.all(),
            PayloadType.JSONB,
            new PageQuery.PageSize(2, 1 << 20, 10));
    return WindowReader.unattended(query, from);
  }

  private List<String> delivered(Checkpoint from) {
    return delivered(reader(from));
  }

  private static List<String> delivered(WindowReader reader) {
    var ids = new ArrayList<String>();
    for (var page = reader.next().await(); !page.isEmpty(); page = reader.next().await()) {
      page.events().forEach(event -> ids.add(event.aggregateId()));
    }
    return ids;
  }
}

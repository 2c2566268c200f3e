package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An asynchronous standby of the database is promoted that lacks the latest transactions. */
class RelayPromotionIT {
  private PostgresServer primary;
  private PostgresServer standby;
  private FaultProxy replication;
  private FaultProxy way;
  private RelayBench bench;

  @BeforeEach
  void startTwoServers() throws SQLException {
    primary = PostgresServer.start();
    assumeTrue(primary.isLocal(), "a standby is made of the server's files");
    replication = FaultProxy.to(primary.host(), primary.port());
    way = FaultProxy.to(primary.host(), primary.port());
    standby = primary.standby(replication.port());
    bench = RelayBench.on(primary);
    String uri = bench.database().uri().replace(":" + primary.port() + "/", ":" + way.port() + "/");
    bench.with("database.uri", uri);
  }

  @AfterEach
  void stopAll() {
    if (bench != null) {
      primary.restart();
      bench.close();
      way.close();
      replication.close();
      standby.close();
    }
    primary.close();
  }

  /**
   * The promoted server assigns the sequence numbers and transaction ids of the lost events again.
   * A relay that continued from its memory would take the new events for delivered ones.
   */
  @Test
  void theRelayGoesOnFromTheCheckpointThatWentBackToo() throws SQLException {
    var relay = bench.leading();
    commitOneByOne(bench.database(), 1, 10);
    bench.awaitArrivals(10);
    awaitCaughtUp();
    replication.blackHole(FaultProxy.Direction.BOTH);
    commitOneByOne(bench.database(), 11, 150);
    bench.awaitArrivals(150);
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select max(top) from outbox_checkpoint").equals("150"));

    primary.kill();
    standby.promote();
    var promoted = standby.database(bench.database().name());
    assertThat(promoted.query("select count(*) from outbox")).isEqualTo("10");
    way.redirect(standby.host(), standby.port());
    commitOneByOne(promoted, 1_001, 1_020);

    await().atMost(PATIENCE).until(() -> newOnes().size() >= 20);
    RelayBench.awaitState(relay, RelayState.LEADING);
    assertThat(newOnes()).isEqualTo(IntStream.rangeClosed(1_001, 1_020).boxed().toList());
    assertThat(Long.parseLong(promoted.query("select min(seq) from outbox where seq > 10")))
        .as("numbers that were given out before")
        .isLessThan(150);
    commitOneByOne(promoted, 1_021, 1_022);
    await().atMost(PATIENCE).until(() -> newOnes().size() == 22);
  }

  private void awaitCaughtUp() throws SQLException {
    String here = bench.query("select pg_current_wal_flush_lsn()");
    // The database of the test itself may not have reached the standby yet.
    var database = standby.database("postgres");
    await()
        .atMost(PATIENCE)
        .until(
            () -> database.query("select pg_last_wal_replay_lsn() >= '" + here + "'").equals("t"));
  }

  private List<Integer> newOnes() {
    return bench.firstVersions().getOrDefault("a-1", List.of()).stream()
        .filter(version -> version > 1_000)
        .toList();
  }

  private static void commitOneByOne(TestDatabase database, int from, int to) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      for (int version = from; version <= to; version++) {
        statement.execute(RelayBench.insert("a-1", version));
      }
    }
  }
}

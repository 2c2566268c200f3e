package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.testkit.PostgresServer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A URI with two servers, of which one is a standby. */
class RelayServersIT {
  private PostgresServer primary;
  private PostgresServer standby;
  private RelayBench bench;

  @BeforeEach
  void startTwoServers() throws SQLException {
    primary = PostgresServer.start();
    assumeTrue(primary.isLocal(), "a standby is made of the server's files");
    standby = primary.standby(primary.port());
    bench = RelayBench.on(primary);
  }

  @AfterEach
  void stopAll() {
    if (bench != null) {
      primary.restart();
      bench.close();
      standby.close();
    }
    primary.close();
  }

  @Test
  void theRelayPassesTheStandbyAndFollowsThePrimaryToIt() throws SQLException {
    bench.with("database.uri", uri(standby.port() + "," + primary.host() + ":" + primary.port()));
    var relay = bench.leading();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
    awaitCaughtUp();

    primary.kill();
    standby.promote();
    RelayBench.awaitState(relay, RelayState.LEADING);
    var promoted = standby.database(bench.database().name());
    try (var connection = promoted.connect();
        var statement = connection.createStatement()) {
      statement.execute(RelayBench.insert("a-1", 2));
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(bench.firstVersions().get("a-1")).containsExactly(1, 2));
    assertThat(relay.ended().isComplete()).isFalse();
  }

  @Test
  void ifNoServerWillDoEachSaysWhy() {
    bench.with("database.uri", uri(standby.port() + ",[::1]:1"));
    var database = Database.create(bench.vertx(), DatabaseConfig.from(bench.settings()));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(database.connect().transform(RelayServersIT::message).await())
                    .startsWith("none of the servers in database.uri can be used: PostgreSQL at ")
                    .contains("is a standby, and the relay needs the primary", "[::1]:1, database")
                    .contains("cannot be reached"));
    database.close().await();
  }

  private static <T> Future<String> message(AsyncResult<T> result) {
    return Future.succeededFuture(
        result.succeeded() ? "connected" : String.valueOf(result.cause().getMessage()));
  }

  private void awaitCaughtUp() throws SQLException {
    String here = bench.query("select pg_current_wal_flush_lsn()");
    var database = standby.database("postgres");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try (var connection = database.connect();
                  var result =
                      connection
                          .createStatement()
                          .executeQuery("select pg_last_wal_replay_lsn() >= '" + here + "'")) {
                return result.next() && result.getBoolean(1);
              }
            });
  }

  private String uri(String firstPortAndMore) {
    String own = bench.database().uri();
    return own.replace(":" + primary.port() + "/", ":" + firstPortAndMore + "/");
  }
}

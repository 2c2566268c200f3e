package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.testkit.PostgresServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The probes' answers of a leader and of a standby while their database is away. */
class HealthOutageIT {
  private PostgresServer server;
  private AdminServerBench bench;

  @BeforeEach
  void start() throws SQLException {
    server = PostgresServer.start();
    bench = new AdminServerBench(server);
  }

  @AfterEach
  void close() {
    server.restart();
    bench.close();
    server.close();
  }

  @Test
  void theyAreNotReadyAndSayWhyUntilItIsBackAndAreNotRestartedMeanwhile() throws SQLException {
    var leader = bench.started(Map.of()).caller();
    awaitReady(leader);
    var standby = bench.started(Map.of()).caller();
    awaitReady(standby);
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 1);

    server.stop();

    for (var caller : List.of(leader, standby)) {
      await().atMost(PATIENCE).until(() -> caller.get("/health/ready").status() == 503);
      await().atMost(PATIENCE).until(() -> why(caller).contains("cannot be reached"));
      var ready = caller.get("/health/ready").json();
      assertThat(ready.getBoolean("healthy")).isFalse();
      assertThat(part(ready, "database").getBoolean("healthy")).isFalse();
      assertThat(why(caller))
          .matches("for \\d+ s: PostgreSQL at .*:" + server.port() + ".* cannot be reached.*");
      assertThat(part(ready, "startup").getBoolean("healthy")).isTrue();
      assertThat(caller.get("/health/live").status()).isEqualTo(200);
      assertThat(caller.get("/health/started").status()).isEqualTo(200);
    }

    server.restart();

    awaitReady(leader);
    awaitReady(standby);
    assertThat(why(leader)).isEqualTo("it answers");
    bench.commit("a-1", 2);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() >= 2);
  }

  private static void awaitReady(Caller caller) {
    await().atMost(PATIENCE).until(() -> caller.get("/health/ready").status() == 200);
  }

  private static String why(Caller caller) {
    return part(caller.get("/health/ready").json(), "database").getString("message");
  }

  private static JsonObject part(JsonObject health, String name) {
    JsonArray parts = health.getJsonArray("components");
    return parts.stream()
        .map(JsonObject.class::cast)
        .filter(part -> part.getString("name").equals(name))
        .findFirst()
        .orElseThrow();
  }
}

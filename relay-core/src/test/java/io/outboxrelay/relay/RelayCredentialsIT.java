package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.failure.RelayException;
import io.outboxrelay.health.HealthReport;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.publish.CutOffBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials change while the relay works, or are refused from the beginning. */
class RelayCredentialsIT {
  private static final String ROLE = "rotating";

  private RelayBench bench;
  @TempDir private Path folder = Path.of("set by JUnit");

  @BeforeEach
  void begin() throws SQLException {
    RelayBench.assumeOneRelay();
    bench = RelayBench.create();
    bench.database().execute("drop role if exists " + ROLE);
    bench.database().execute("create role " + ROLE + " superuser login password 'one'");
  }

  @AfterEach
  void end() throws SQLException {
    bench.close();
  }

  @Test
  void aPasswordThatIsReplacedIsAnOutageUntilTheFileHasTheNewOne() throws Exception {
    var file = asTheRole("one");
    var relay = bench.leading();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);

    bench.database().execute("alter role " + ROLE + " password 'two'");
    bench.commit("a-1", 2);
    bench.awaitArrivals(2);
    endSessions();
    await().atMost(PATIENCE).until(() -> refusals(relay, RelayMetrics.DATABASE) > 0);
    assertThat(database(relay).well()).isFalse();
    assertThat(database(relay).why())
        .contains("password authentication failed", "check database.uri and database.password");
    bench.commit("a-1", 3);
    assertThat(relay.ended().isComplete()).as("ended").isFalse();

    Files.writeString(file, "two\n");
    RelayBench.awaitState(relay, RelayState.LEADING);
    bench.awaitArrivals(3);
    await().atMost(PATIENCE).until(() -> database(relay).well());
  }

  @Test
  void aFileThatIsTakenAwayIsAnOutageThatNamesIt() throws Exception {
    var file = asTheRole("one");
    var relay = bench.leading();
    Files.delete(file);
    endSessions();
    await().atMost(PATIENCE).until(() -> refusals(relay, RelayMetrics.DATABASE) > 0);
    assertThat(database(relay).why())
        .contains("the file " + file + ", which database.password-file names, is not found");

    Files.writeString(file, "one");
    RelayBench.awaitState(relay, RelayState.LEADING);
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
  }

  @Test
  void aPasswordThatIsRefusedAtTheStartEndsTheRelay() throws Exception {
    asTheRole("wrong");
    var relay = bench.relay();
    assertThatThrownBy(() -> done(relay.start()))
        .isInstanceOf(RelayException.class)
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void aBrokerThatRefusesTheRelayAfterItHasWorkedIsAwaited() throws Exception {
    var broker = CutOffBroker.refusing(bench.brokerConfig());
    var relay = bench.relay(broker);
    done(relay.start());
    RelayBench.awaitState(relay, RelayState.LEADING);
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);

    broker.cutOff();
    bench.commit("a-1", 2, 3);
    await().atMost(PATIENCE).until(() -> refusals(relay, RelayMetrics.BROKER) > 0);
    await().atMost(PATIENCE).until(() -> !part(relay, "broker").well());
    assertThat(part(relay, "broker").why())
        .contains("access refused", "has accepted this relay before");
    assertThat(relay.ended().isComplete()).as("ended").isFalse();

    broker.heal();
    bench.awaitArrivals(3);
    await().atMost(PATIENCE).until(() -> part(relay, "broker").well());
    assertThat(bench.firstVersions().get("a-1")).containsExactly(1, 2, 3);
  }

  @Test
  void aBrokerThatRefusesTheRelayAtTheStartEndsIt() {
    var broker = CutOffBroker.refusing(bench.brokerConfig());
    broker.cutOff();
    var relay = bench.relay(broker);
    assertThatThrownBy(() -> done(relay.start()))
        .isInstanceOf(RelayException.class)
        .hasMessageContaining("access refused");
    assertThat(refusals(relay, RelayMetrics.BROKER)).isPositive();
  }

  private Path asTheRole(String password) throws IOException {
    var file = Files.writeString(folder.resolve("password"), password + "\n");
    var server = bench.database().server();
    String uri = bench.database().uri().replace("//" + server.user() + "@", "//" + ROLE + "@");
    bench.with("database.uri", uri).without("database.password");
    bench.with("database.password-file", file.toString());
    return file;
  }

  private void endSessions() throws SQLException {
    bench
        .database()
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = '"
                + ROLE
                + "'");
  }

  private static double refusals(Relay relay, String by) {
    return relay
        .metrics()
        .registry()
        .get("outbox.access.denied")
        .tag("component", by)
        .functionCounter()
        .count();
  }

  private static HealthReport.Part database(Relay relay) {
    return part(relay, "database");
  }

  private static HealthReport.Part part(Relay relay, String name) {
    return relay.ready().parts().stream()
        .filter(part -> part.name().equals(name))
        .findAny()
        .orElseThrow();
  }
}

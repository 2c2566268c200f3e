package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.check.CheckRunner;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.testkit.PgBouncer;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A pooler stands between relay and database. */
class RelayPoolerIT {
  private final PostgresServer server = PostgresServer.shared();

  @BeforeAll
  static void needPooler() {
    assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed");
  }

  private RelayBench behind(PgBouncer pooler) throws SQLException {
    var bench = RelayBench.create();
    String direct = ":" + server.port() + "/";
    String pooled = bench.database().uri().replace(direct, ":" + pooler.port() + "/");
    return bench.with("database.uri", pooled).with("database.tls.mode", "disable");
  }

  @Test
  void aSharedSessionIsRefusedAndNothingIsPublished() throws SQLException {
    try (var pooler = PgBouncer.start(server, "transaction");
        var bench = behind(pooler)) {
      bench.commit("a-1", 1);

      assertThatThrownBy(() -> done(bench.relay().start()))
          .isInstanceOf(RelayException.class)
          .hasMessageContaining("is behind a pooler that shares sessions among its clients")
          .hasMessageContaining("pool_mode = session");
      assertThat(bench.arrived()).isEmpty();
    }
  }

  @Test
  void theDoctorSeesASharedSession() throws SQLException {
    try (var pooler = PgBouncer.start(server, "transaction");
        var bench = behind(pooler)) {
      var findings =
          done(
              CheckRunner.examine(
                  bench.vertx(),
                  DatabaseConfig.from(bench.settings()),
                  bench.relayConfig(),
                  bench.brokerConfig()));

      assertThat(findings)
          .filteredOn(finding -> finding.level() == Finding.Level.PROBLEM)
          .singleElement()
          .asString()
          .contains("shares sessions among its clients");
    }
  }

  @Test
  void aSessionOfItsOwnIsAsGoodAsTheServerItself() throws SQLException {
    try (var pooler = PgBouncer.start(server, "session");
        var bench = behind(pooler)) {
      bench.leading();

      bench.commit("a-1", 1);
      bench.awaitArrivals(1);
      bench.commit("a-1", 2);

      bench.awaitArrivals(2);
    }
  }
}

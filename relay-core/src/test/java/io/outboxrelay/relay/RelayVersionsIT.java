package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * init, publishing, fail-over and a clean stop on each supported version of PostgreSQL. Each relay
 * reads the table first and then the log.
 */
@ExtendWith(ReadingTheLog.class)
class RelayVersionsIT {
  @ParameterizedTest
  @Timeout(300)
  @MethodSource("io.outboxrelay.testkit.PostgresServer#versions")
  void nothingIsLostOrOvertakenAcrossAFailover(int version) throws Exception {
    try (var server = PostgresServer.builder().version(version).start();
        var bench = RelayBench.on(server);
        var writers = new HostileWriters(bench.database(), Duration.ofSeconds(3))) {
      assertThat(server.origin()).startsWith("PostgreSQL " + version + ".");
      var first = bench.with("relay.page-size", 7).leading();
      var second = bench.relay();
      done(second.start());
      writers.start(6, 1, version);
      bench.awaitArrivals(50, writers);

      long epoch = epoch(bench);
      bench.terminate(
          "pid = (select pid from pg_locks where locktype = 'advisory' and objid = 1 and granted"
              + " and database = (select oid from pg_database where datname ="
              + " current_database()))");
      // Either relay may take the shard over, because both try repeatedly.
      await().atMost(PATIENCE).until(() -> epoch(bench) > epoch);
      done(first.stop());
      awaitState(second, RelayState.LEADING);

      bench.awaitAll(writers.finish());
      done(second.stop());
    }
  }

  private static long epoch(RelayBench bench) throws SQLException {
    return Long.parseLong(bench.query("select epoch from outbox_checkpoint"));
  }
}

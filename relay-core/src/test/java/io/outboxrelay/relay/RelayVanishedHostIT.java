package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The host of the leader vanishes, as if it lost its power: no connection is closed, and the server
 * gets no answer to its packets.
 */
class RelayVanishedHostIT {
  private final PostgresServer server = PostgresServer.shared();
  private final FaultProxy proxy = FaultProxy.onNativeSockets(server.host(), server.port());
  private RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    bench = RelayBench.create();
  }

  @AfterEach
  void close() {
    proxy.heal();
    bench.close();
    proxy.close();
  }

  /**
   * The server frees the lease within {@code relay.lease-timeout}. It keeps the other sessions of
   * the host for {@code tcp_user_timeout}, half a minute. These still exist, so that setting cannot
   * have freed the lease.
   */
  @Test
  void theServerFreesTheLeaseBeforeItEndsTheOtherSessions() throws Exception {
    RelayBench.assumeOneRelay();
    assumeTrue(proxy.canVanish(), "there are no native sockets");
    String direct = bench.database().uri();
    String proxied = direct.replace(":" + server.port() + "/", ":" + proxy.port() + "/");
    bench.with("relay.answer-timeout", "1s").with("relay.lease-timeout", "6s");
    bench.with("database.uri", proxied).leading();
    String sessions =
        bench.query(
            "select string_agg(pid::text, ', ') from pg_stat_activity where datname ="
                + " current_database() and application_name = 'outbox-relay'");
    var standby = bench.with("database.uri", direct).started();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);

    proxy.vanish();
    awaitState(standby, RelayState.LEADING);

    assertThat(bench.query("select count(*) from pg_stat_activity where pid in (" + sessions + ")"))
        .as("sessions of the vanished host, of which one had the lease")
        .isNotEqualTo("0")
        .isNotEqualTo(String.valueOf(sessions.split(",").length));
    bench.commit("a-1", 2);
    bench.awaitArrivals(2);
    assertThat(bench.firstVersions()).isEqualTo(Map.of("a-1", List.of(1, 2)));
  }
}

package io.outboxrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another application fills the server's queue of notifications: writers do not notice. */
class RelayNotificationQueueIT {
  private PostgresServer server;
  private RelayBench bench;

  @BeforeEach
  void start() throws SQLException {
    server = PostgresServer.builder().setting("max_notify_queue_pages", 64).start();
    bench = RelayBench.on(server);
    bench.with("relay.fallback-interval", "200ms");
  }

  @AfterEach
  void stop() {
    bench.close();
    server.close();
  }

  @Test
  void aFullQueueFailsNoWriterAndEventsArriveByPolling() throws Exception {
    bench.leading();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
    bench.stopAll();
    try (var listener = bench.database().connect();
        var filler = bench.database().connect();
        var listening = listener.createStatement();
        var filling = filler.createStatement()) {
      listening.execute("listen another_application");
      listener.setAutoCommit(false);
      listening.execute("select 1");
      assertThat(fill(filling)).as("notifications until the queue is full").isBetween(10, 200);

      bench.commit("a-1", 2);

      bench.leading();
      bench.awaitArrivals(2);
      bench.commit("a-1", 3);
      bench.awaitArrivals(3);
    }
  }

  private static int fill(Statement filling) throws SQLException {
    for (int i = 0; i < 500; i++) {
      try {
        filling.execute("select pg_notify('another_application', repeat('x', 7900) || " + i + ")");
      } catch (SQLException full) {
        assertThat(full.getMessage()).contains("too many notifications");
        return i;
      }
    }
    return 500;
  }
}

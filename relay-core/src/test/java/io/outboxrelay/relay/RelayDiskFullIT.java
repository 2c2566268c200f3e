package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.SmallDisk;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The disk of the database is full for a while. */
class RelayDiskFullIT {
  private PostgresServer server;
  private SmallDisk disk;
  private RelayBench bench;

  @BeforeEach
  void createAnOutboxOnASmallDisk() throws Exception {
    assumeTrue(SmallDisk.isPossible(), "only root can make a small disk");
    server = PostgresServer.start();
    assumeTrue(server.isLocal(), "the server does not see this machine's disks");
    disk = SmallDisk.ofMebibytes(16);
    bench = RelayBench.on(server);
    bench
        .database()
        .execute("create tablespace small location '" + disk.newFolder("tablespace") + "'");
    for (String table : List.of("outbox", "outbox_dead_letter", "outbox_checkpoint")) {
      bench.database().execute("alter table " + table + " set tablespace small");
    }
  }

  @AfterEach
  void close() {
    if (bench != null) {
      bench.close();
    }
    if (server != null) {
      server.close();
    }
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void anEventThatCannotBeSetAsideIsNotOvertaken() throws SQLException, IOException {
    bench.broker().refuse(message -> "13".equals(message.headers().get(MessageHeaders.EVENT_TYPE)));
    var relay = bench.leading();
    bench.awaitAllLed();
    bench.commit("a-1", 12);
    bench.awaitArrivals(1);
    disk.fill();

    bench.commit("a-1", 13, 14);
    bench.awaitOneNotLed();
    assertThatThrownBy(() -> bench.commitMany(10_000, 1_000)).hasMessageContaining("No space left");
    disk.free();

    awaitState(relay, RelayState.LEADING);
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("2"));
    bench.commit("a-2", 1);
    await()
        .atMost(PATIENCE)
        .until(() -> bench.firstVersions().equals(Map.of("a-1", List.of(12), "a-2", List.of(1))));
  }
}

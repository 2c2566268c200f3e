package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.database.TestConnections;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DatabaseHistoryIT {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void differsAfterACrashOfTheServer() {
    try (var server = PostgresServer.start();
        var database = server.createDatabase()) {
      var before = history(database);

      server.stop();
      server.restart();
      assertThat(history(database)).as("after a clean restart").isEqualTo(before);

      server.kill();
      server.restart();
      assertThat(history(database)).as("after a crash").isNotEqualTo(before);
    }
  }

  private String history(TestDatabase database) {
    var connection = TestConnections.open(vertx, database);
    try {
      return DatabaseHistory.read(connection).await();
    } finally {
      connection.close().await();
    }
  }
}

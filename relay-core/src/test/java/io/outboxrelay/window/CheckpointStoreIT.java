package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where two believe that a shard is theirs, the checkpoint believes the later one. */
class CheckpointStoreIT {
  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private PgConnection formers;
  private PgConnection successors;

  @BeforeEach
  void connect() throws Exception {
    database.execute(new OutboxSchema(config).script());
    formers = connection();
    successors = connection();
  }

  private PgConnection connection() {
    var settings =
        Map.of("database", Map.of("uri", database.uri(), "password", database.server().password()));
    var databaseConfig = DatabaseConfig.from(Settings.of("test", settings));
    return PgConnection.connect(vertx, databaseConfig.toConnectOptions()).await();
  }

  @AfterEach
  void close() {
    formers.close().await();
    successors.close().await();
    vertx.close().await();
    database.close();
  }

  @Test
  void aFormerOwnerMovesItNoMore() {
    var former = new CheckpointStore(formers, config.names(), ShardKey.all());
    var successor = new CheckpointStore(successors, config.names(), ShardKey.all());
    var start = former.claim("former", "").await();
    former.store(at(start, 10)).await();
    successor.claim("successor", "").await();
    successor.store(at(start, 20)).await();

    assertThatThrownBy(() -> former.store(at(start, 15)).await())
        .hasMessageContaining("another relay has taken over")
        .hasMessageContaining("since epoch " + former.epoch());
    assertThatThrownBy(() -> former.storeDurably(at(start, 30)).await())
        .hasMessageContaining("another relay has taken over");

    var next =
        new CheckpointStore(formers, config.names(), ShardKey.all()).claim("next", "").await();
    assertThat(next.top()).isEqualTo(20);
  }

  private static Checkpoint at(Checkpoint start, long top) {
    return new Checkpoint(start.settled(), top, start.floor(), start.fence(), null);
  }
}

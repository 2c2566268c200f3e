package io.outboxrelay.admin;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.publish.MemoryPublisherProvider;
import io.outboxrelay.relay.Relay;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** The HTTP server of a relay that was never started, with a database that does not exist. */
final class IdleRelay implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final AdminServer admin;

  private IdleRelay(Map<String, String> adminSettings) {
    var given = new HashMap<String, Object>();
    given.put("database.uri", "postgresql://nobody@127.0.0.1:1/none");
    given.put("memory.address", "memory-0:1");
    given.put("memory.destination", "none");
    given.put("admin.port", "0");
    adminSettings.forEach((key, value) -> given.put("admin." + key, value));
    var root = Settings.of("test", given);
    var database = DatabaseConfig.from(root);
    var config = RelayConfig.from(root);
    var broker = new MemoryPublisherProvider().configure(root.section("memory"));
    var adminConfig = AdminConfig.from(root);
    var relay = Relay.create(vertx, database, config, broker, RelayMetrics.alone());
    var relayInfo =
        new RelayInfo(
            relay,
            "test",
            Instant.now(),
            new RelayInfo.Configuration(database, config, broker, "test", root.inForce()));
    admin = AdminServer.create(vertx, adminConfig, relayInfo);
  }

  static IdleRelay start(Map<String, String> adminSettings) {
    var relay = new IdleRelay(adminSettings);
    relay.admin.start().await();
    return relay;
  }

  int port() {
    return admin.port();
  }

  Caller caller() {
    return new Caller(vertx, port());
  }

  @Override
  public void close() {
    admin.close().await();
    vertx.close().await();
  }
}

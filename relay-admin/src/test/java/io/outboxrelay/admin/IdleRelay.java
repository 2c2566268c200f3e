package io.outboxrelay.admin;

import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
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
    admin = RelayWithAdmin.create(vertx, root).admin();
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

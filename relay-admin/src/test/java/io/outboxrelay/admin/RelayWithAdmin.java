package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.done;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.publish.MemoryPublisherProvider;
import io.outboxrelay.relay.Relay;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import java.time.Instant;

/** A relay that publishes to a broker in memory, and its admin server; neither is started. */
public record RelayWithAdmin(Relay relay, AdminServer admin) {
  /** Creates both from settings as a configuration file has them. */
  public static RelayWithAdmin create(Vertx vertx, Settings settings) {
    var adminConfig = AdminConfig.from(settings);
    var info = info(vertx, settings);
    return new RelayWithAdmin(info.relay(), AdminServer.create(vertx, adminConfig, info));
  }

  /** Creates the relay and the information that its admin server shows. */
  static RelayInfo info(Vertx vertx, Settings settings) {
    var database = DatabaseConfig.from(settings);
    var config = RelayConfig.from(settings);
    var broker = new MemoryPublisherProvider().configure(settings.section("memory"));
    return new RelayInfo(
        Relay.create(vertx, database, config, broker, RelayMetrics.alone()),
        "test",
        Instant.now(),
        new RelayInfo.Configuration(
            database, config, broker, settings.source(), settings.inForce()));
  }

  /** Stops both, as the end of the process would. */
  public void stop() {
    done(admin.close());
    done(relay.stop());
  }
}

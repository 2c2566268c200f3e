package io.outboxrelay.app;

import io.outboxrelay.admin.AdminConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.relay.RelayConfig;
import io.outboxrelay.settings.InForce;
import io.outboxrelay.settings.Settings;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;

/** Everything that a configuration says. */
record AppConfig(
    String source,
    DatabaseConfig database,
    RelayConfig relay,
    Broker broker,
    AdminConfig admin,
    Level logLevel,
    List<InForce> settings) {

  /**
   * Reads all sections.
   *
   * @throws io.outboxrelay.settings.InvalidSettingsException with the mistakes of all of them
   */
  static AppConfig from(Settings root, Brokers brokers) {
    var database = DatabaseConfig.from(root);
    var relay = RelayConfig.from(root);
    Optional<Broker> broker = brokers.configure(root);
    var admin = AdminConfig.from(root);
    var logLevel = Logging.level(root);
    root.verify();
    return new AppConfig(
        root.source(), database, relay, broker.orElseThrow(), admin, logLevel, root.inForce());
  }
}

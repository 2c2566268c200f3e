package io.outboxrelay.app;

import io.outboxrelay.admin.AdminConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.relay.RelayConfig;
import io.outboxrelay.settings.InForce;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.tracing.TracingConfig;
import java.util.List;
import java.util.Optional;

/** Everything that a configuration says. */
record AppConfig(
    String source,
    DatabaseConfig database,
    RelayConfig relay,
    Broker broker,
    AdminConfig admin,
    TracingConfig tracing,
    Logging logging,
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
    var tracing = TracingConfig.from(root);
    var logging = Logging.from(root);
    root.verify();
    return new AppConfig(
        root.source(),
        database,
        relay,
        broker.orElseThrow(),
        admin,
        tracing,
        logging,
        root.inForce());
  }
}

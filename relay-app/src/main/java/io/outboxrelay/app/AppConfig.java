package io.outboxrelay.app;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.settings.Settings;

/** The whole configuration of a command. */
record AppConfig(
    ConfigOrigin origin,
    DatabaseConfig database,
    RelayConfig relay,
    Broker broker,
    ObservabilityConfig observability) {

  /**
   * Reads all sections.
   *
   * @throws io.outboxrelay.settings.InvalidSettingsException with the mistakes of all sections
   */
  static AppConfig from(Settings root, BrokerProviders brokers) {
    var database = DatabaseConfig.from(root);
    var relay = RelayConfig.from(root);
    var choice = brokers.configure(root);
    var observability = ObservabilityConfig.from(root);
    root.verify();
    return new AppConfig(
        new ConfigOrigin(root.source(), root.inForce(), choice.passedOver()),
        database,
        relay,
        choice.chosen().orElseThrow(),
        observability);
  }
}

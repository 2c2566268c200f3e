package io.outboxrelay.app;

import io.outboxrelay.admin.AdminConfig;
import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.settings.EffectiveSetting;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.tracing.TracingConfig;
import java.util.List;

/**
 * The whole configuration of a command.
 *
 * @param source the origin of the configuration, such as the name of the file
 * @param passedOver the sections of brokers that are known but not chosen
 */
record AppConfig(
    String source,
    DatabaseConfig database,
    RelayConfig relay,
    Broker broker,
    AdminConfig admin,
    TracingConfig tracing,
    LoggingSetup logging,
    List<EffectiveSetting> settings,
    List<UnusedSection> passedOver) {

  /**
   * Reads all sections.
   *
   * @throws io.outboxrelay.settings.InvalidSettingsException with the mistakes of all sections
   */
  static AppConfig from(Settings root, BrokerProviders brokers) {
    var database = DatabaseConfig.from(root);
    var relay = RelayConfig.from(root);
    var choice = brokers.configure(root);
    var admin = AdminConfig.from(root);
    var tracing = TracingConfig.from(root);
    var logging = LoggingSetup.from(root);
    root.verify();
    return new AppConfig(
        root.source(),
        database,
        relay,
        choice.chosen().orElseThrow(),
        admin,
        tracing,
        logging,
        root.inForce(),
        choice.passedOver());
  }
}

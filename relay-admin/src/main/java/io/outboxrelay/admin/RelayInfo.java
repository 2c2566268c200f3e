package io.outboxrelay.admin;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.relay.Relay;
import io.outboxrelay.settings.EffectiveSetting;
import java.time.Instant;
import java.util.List;

/**
 * The relay that answers the requests, and its configuration.
 *
 * @param configuration the configuration that was read at the start; it does not change while the
 *     relay runs
 */
public record RelayInfo(
    Relay relay, String version, Instant startedAt, Configuration configuration) {

  /**
   * The configuration with which the relay was started.
   *
   * @param source the origin of its settings, such as the name of the file
   * @param settings the values in force
   */
  public record Configuration(
      DatabaseConfig database,
      RelayConfig relay,
      Broker broker,
      String source,
      List<EffectiveSetting> settings) {}

  /** Returns the relay's name, as other relays see it, such as {@code 4711@db-host-2}. */
  String name() {
    return relay.name();
  }

  OutboxNames names() {
    return configuration.relay().outbox().names();
  }
}

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
 * @param name the relay's name, as other relays see it, such as {@code 4711@db-host-2}
 * @param source the origin of its settings, such as the name of the file
 */
public record RelayInfo(
    String name,
    String version,
    Instant startedAt,
    DatabaseConfig database,
    RelayConfig config,
    Broker broker,
    String source,
    List<EffectiveSetting> settings,
    Relay relay) {

  OutboxNames names() {
    return config.outbox().names();
  }
}

package io.outboxrelay.config;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.settings.Settings;

/** The settings of the sections {@code outbox} and {@code relay}, one record per concern. */
public record RelayConfig(
    OutboxConfig outbox,
    SourceConfig source,
    ShardingConfig sharding,
    ReadAheadConfig readAhead,
    FailoverConfig failover,
    FailureConfig failures) {

  public static RelayConfig from(Settings root) {
    var in = root.section("relay");
    return new RelayConfig(
        OutboxConfig.from(root),
        SourceConfig.from(in),
        ShardingConfig.from(in),
        ReadAheadConfig.from(in),
        FailoverConfig.from(in),
        FailureConfig.from(in));
  }

  /**
   * Returns the routing, the handling of rejected events and the mapping of columns as text. This
   * text must be equal for all relays of one outbox, because otherwise the message of an event
   * depends on which relay leads its shard.
   */
  public String configFingerprint(Broker broker) {
    String mapping = outbox.columns().mapping();
    return broker.route()
        + "; rejected: "
        + failures.rejections()
        + (mapping.isEmpty() ? "" : "; columns: " + mapping);
  }
}

package io.outboxrelay.app;

import io.outboxrelay.config.RelayConfig;
import java.util.Locale;

/**
 * The summary that is logged at start-up: the outbox that the relay reads, the broker that it
 * publishes to, and its main settings.
 */
final class StartupBanner {
  private StartupBanner() {}

  static String of(AppConfig config) {
    RelayConfig relay = config.relay();
    return """
        outbox-relay %s
          configuration  %s
          database       %s
          outbox         %s.%s
          broker         %s
          shards         %s
          partitions     %d
          wake-up        %s
          tracing        %s"""
        .formatted(
            VersionInfo.text(),
            config.origin().source(),
            config.database().summary(),
            relay.outbox().schema(),
            relay.outbox().table(),
            config.broker().summary(),
            relay.sharding().shards() == 0
                ? "as many as the outbox has"
                : relay.sharding().shards(),
            relay.sharding().partitions(),
            relay.source().doorbell().wakeup().name().toLowerCase(Locale.ROOT),
            config.observability().tracing().summary());
  }
}

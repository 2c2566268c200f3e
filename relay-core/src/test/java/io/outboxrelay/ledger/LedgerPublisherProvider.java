package io.outboxrelay.ledger;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;

/** A directory of files, as {@code broker: ledger}. */
public final class LedgerPublisherProvider implements PublisherProvider {
  @Override
  public String name() {
    return "ledger";
  }

  @Override
  public Broker configure(Settings settings) {
    return new LedgerBroker(LedgerConfig.from(settings));
  }
}

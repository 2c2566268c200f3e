package io.outboxrelay.ledger;

import io.outboxrelay.publish.Feature;
import io.outboxrelay.publish.PublisherContract;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.TestBroker;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/writing-a-broker-module.md keeps what every publisher promises. */
class LedgerPublisherTest extends PublisherContract {
  @TempDir private static Path directory;

  @Override
  protected TestBroker broker() {
    return new LedgerFiles(directory);
  }

  @Override
  protected PublisherProvider provider() {
    return new LedgerPublisherProvider();
  }

  @Override
  protected Set<Feature> features() {
    return Set.of(Feature.TOMBSTONES, Feature.SIZE_LIMIT, Feature.MISSING_DESTINATION_REFUSED);
  }

  @Override
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("file", template);
  }

  @Override
  protected Map<String, Object> addressSetting(String host, int port) {
    return Map.of("directory", directory.resolve(host + ":" + port).toString());
  }

  @Override
  protected Map<String, Object> secretSettings(String secret) {
    return Map.of();
  }

  @Override
  protected int tooLarge() {
    return (1 << 20) + 1;
  }
}

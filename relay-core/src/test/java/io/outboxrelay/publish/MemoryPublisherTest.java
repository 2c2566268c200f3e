package io.outboxrelay.publish;

import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;

/** The broker for tests passes the contract of the real brokers. */
class MemoryPublisherTest extends PublisherContract {
  private final MemoryBroker broker = MemoryBroker.start();

  @AfterEach
  void closeBroker() {
    broker.close();
  }

  @Override
  protected TestBroker broker() {
    return broker;
  }

  @Override
  protected PublisherProvider provider() {
    return new MemoryPublisherProvider();
  }

  @Override
  protected Set<Feature> features() {
    return Set.of(Feature.values());
  }

  @Override
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("destination", template);
  }

  @Override
  protected Map<String, Object> headerSetting(String name) {
    return Map.of("destination-header", name);
  }

  @Override
  protected Map<String, Object> addressSetting(String host, int port) {
    return Map.of("address", host + ":" + port);
  }

  @Override
  protected Map<String, Object> secretSettings(String secret) {
    return Map.of("password", secret);
  }

  @Override
  protected int tooLarge() {
    return (64 << 20) + 1;
  }
}

package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.Feature;
import io.outboxrelay.publish.PublisherContract;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import java.util.Set;

/** The RabbitMQ publisher passes the contract of every publisher. */
class RabbitPublisherIT extends PublisherContract {
  @Override
  protected TestBroker broker() {
    return RabbitServer.shared();
  }

  @Override
  protected PublisherProvider provider() {
    return new RabbitPublisherProvider();
  }

  @Override
  protected Set<Feature> features() {
    return Set.of(
        Feature.DESTINATION_HEADER,
        Feature.REDIRECTION,
        Feature.MISSING_DESTINATION_REFUSED,
        Feature.SIZE_LIMIT,
        Feature.RECEIPTS);
  }

  /** A quorum queue that was declared less than a second before a kill does not come back. */
  @Override
  protected String lastingDestination() {
    String queue = broker().newDestination();
    RabbitServer.shared().control("eval", "[dets:sync(Table) || Table <- dets:all()].");
    return queue;
  }

  /** The default exchange leads to the queue that the routing key names. */
  @Override
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("exchange", "", "routing-key", template);
  }

  @Override
  protected Map<String, Object> headerSetting(String name) {
    return Map.of("routing-key-header", name);
  }

  @Override
  protected Map<String, Object> addressSetting(String host, int port) {
    return Map.of("uri", "amqp://" + host + ":" + port);
  }

  @Override
  protected Map<String, Object> secretSettings(String secret) {
    return Map.of("uri", "amqp://relay:" + secret + "@localhost");
  }

  @Override
  protected int tooLarge() {
    return (16 << 20) + 1;
  }
}

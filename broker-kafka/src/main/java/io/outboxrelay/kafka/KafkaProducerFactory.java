package io.outboxrelay.kafka;

import io.outboxrelay.settings.SecretFileException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Creates the producers for one cluster, each with its own buffer and connections. */
final class KafkaProducerFactory {
  private final KafkaConfig config;
  private final ExceptionMapper failures;
  private final PartitionGrowth growth;

  KafkaProducerFactory(KafkaConfig config, PartitionGrowth growth) {
    this.growth = growth;
    this.config = config;
    this.failures = new ExceptionMapper(config);
  }

  /**
   * Creates a producer. It reads key stores and resolves addresses, so it may block; it connects to
   * no broker yet.
   *
   * @throws io.outboxrelay.publish.PublishException if the properties are invalid, a file cannot be
   *     read, or no address can be resolved
   */
  FailFastProducer create(Executor reports, Consumer<FailFastProducer> onBroken) {
    try {
      var producer =
          new KafkaProducer<>(
              config.producer().forProducer(),
              new ByteArraySerializer(),
              new ByteArraySerializer());
      return new FailFastProducer(producer, failures, reports, onBroken, growth);
    } catch (KafkaException | SecretFileException e) {
      throw failures.ofTheProperties(e);
    }
  }
}

package io.outboxrelay.kafka;

import io.outboxrelay.settings.SecretFileException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes the producers of one broker, each with a buffer and a connection of its own. */
final class ProducerFactory {
  private final KafkaConfig config;
  private final ExceptionMapper failures;

  ProducerFactory(KafkaConfig config) {
    this.config = config;
    this.failures = new ExceptionMapper(config);
  }

  /**
   * Reads key stores and resolves addresses, so it may block; connects to nothing yet.
   *
   * @throws io.outboxrelay.publish.PublishException where the properties do not work out
   */
  FailFastProducer create(Executor reports, Consumer<FailFastProducer> onBroken) {
    try {
      var producer =
          new KafkaProducer<>(
              config.producer().forProducer(),
              new ByteArraySerializer(),
              new ByteArraySerializer());
      return new FailFastProducer(producer, failures, reports, onBroken);
    } catch (KafkaException | SecretFileException e) {
      throw failures.ofTheProperties(e);
    }
  }
}

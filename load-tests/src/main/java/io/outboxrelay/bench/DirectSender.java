package io.outboxrelay.bench;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * An application without an outbox: it sends to the broker after its commit, and loses the message
 * if it crashes in between. Its latency is the lower bound for any relay.
 */
abstract class DirectSender implements AutoCloseable {
  abstract void send(String key, String payload);

  @Override
  public abstract void close();

  static DirectSender to(BenchmarkEnvironment stage) throws Exception {
    return stage.broker.name().equals("kafka") ? toKafka(stage) : toRabbit(stage);
  }

  private static DirectSender toKafka(BenchmarkEnvironment stage) {
    var properties = new Properties();
    properties.putAll(stage.broker.settings());
    properties.put("acks", "all");
    properties.put("linger.ms", "0");
    var serializer = new StringSerializer();
    var producer = new KafkaProducer<>(properties, serializer, serializer);
    return new DirectSender() {
      @Override
      void send(String key, String payload) {
        var unused = producer.send(new ProducerRecord<>(stage.destination(), key, payload));
      }

      @Override
      public void close() {
        producer.close();
      }
    };
  }

  private static DirectSender toRabbit(BenchmarkEnvironment stage) throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(String.valueOf(stage.broker.settings().get("uri")));
    var connection = factory.newConnection();
    var channel = connection.createChannel();
    channel.confirmSelect();
    var properties = new AMQP.BasicProperties.Builder().deliveryMode(2).build();
    return new DirectSender() {
      @Override
      synchronized void send(String key, String payload) {
        try {
          channel.basicPublish(
              "", stage.destination(), properties, payload.getBytes(StandardCharsets.UTF_8));
        } catch (java.io.IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      }

      @Override
      public void close() {
        connection.abort();
      }
    };
  }
}

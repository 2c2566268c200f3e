package io.outboxrelay.bench;

import com.rabbitmq.client.ConnectionFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Counts the messages at the broker without reading them. */
final class DeliveredCounter implements AutoCloseable {
  private final Callable<Long> count;
  private final AutoCloseable connection;

  private DeliveredCounter(Callable<Long> count, AutoCloseable connection) {
    this.count = count;
    this.connection = connection;
  }

  static DeliveredCounter at(BenchmarkEnvironment stage) throws Exception {
    return stage.broker.name().equals("kafka") ? atKafka(stage) : atRabbit(stage);
  }

  /**
   * Counts while a consumer reads. With RabbitMQ it uses the consumer's count, because messages
   * leave the queue.
   */
  static DeliveredCounter at(BenchmarkEnvironment stage, BenchmarkLatencies consumer)
      throws Exception {
    return stage.broker.name().equals("kafka")
        ? atKafka(stage)
        : new DeliveredCounter(consumer::arrivals, () -> {});
  }

  private static DeliveredCounter atKafka(BenchmarkEnvironment stage) {
    var properties = new Properties();
    properties.putAll(stage.broker.settings());
    var admin = Admin.create(properties);
    var partitions =
        IntStream.range(0, 3)
            .mapToObj(number -> new TopicPartition(stage.destination(), number))
            .toList();
    return new DeliveredCounter(
        () -> {
          var latest = new HashMap<TopicPartition, OffsetSpec>();
          partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
          return admin.listOffsets(latest).all().get().values().stream()
              .mapToLong(offset -> offset.offset())
              .sum();
        },
        admin);
  }

  private static DeliveredCounter atRabbit(BenchmarkEnvironment stage) throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(String.valueOf(stage.broker.settings().get("uri")));
    var connection = factory.newConnection();
    var channel = connection.createChannel();
    return new DeliveredCounter(() -> channel.messageCount(stage.destination()), connection);
  }

  long count() throws Exception {
    return count.call();
  }

  /** Returns when this number of messages has arrived in all. */
  void await(long until) throws Exception {
    while (count.call() < until) {
      Thread.sleep(10);
    }
  }

  /** Measures by polling the time from message {@code skip} to message {@code until}. */
  Duration time(long skip, long until) throws Exception {
    long began = 0;
    long counted = 0;
    long before = 0;
    while (counted < until) {
      counted = count.call();
      if (began == 0 && counted >= skip) {
        began = System.nanoTime();
        before = counted;
      }
      Thread.sleep(10);
    }
    double share = (double) (until - skip) / Math.max(1, until - before);
    return Duration.ofNanos((long) ((System.nanoTime() - began) * share));
  }

  @Override
  public void close() throws Exception {
    connection.close();
  }
}

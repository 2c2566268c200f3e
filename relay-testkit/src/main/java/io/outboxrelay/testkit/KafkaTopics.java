package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Creates topics, and reads their messages. */
final class KafkaTopics {
  private static final int PARTITIONS = 3;
  private static final Duration UNTIL_IT_IS_CREATED = Duration.ofMillis(50);

  private final String bootstrap;

  KafkaTopics(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  String create(Map<String, Object> options) {
    return create("test-" + UUID.randomUUID(), options);
  }

  String create(String topic, Map<String, Object> options) {
    var configs = new HashMap<String, String>();
    options.forEach((name, value) -> configs.put(name, value.toString()));
    var partitions = configs.remove("partitions");
    var replicas = configs.remove("replicas");
    var wanted =
        new NewTopic(
                topic,
                partitions == null ? PARTITIONS : Integer.parseInt(partitions),
                replicas == null ? 1 : Short.parseShort(replicas))
            .configs(configs);
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(wanted)).all().get();
      return topic;
    } catch (ExecutionException e) {
      throw new IllegalStateException("Could not create topic " + topic + " as " + options, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while creating topic " + topic, e);
    }
  }

  String clusterId() {
    return described(admin -> admin.describeCluster().clusterId());
  }

  void awaitBrokers(int count) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (described(admin -> admin.describeCluster().nodes()).size() != count) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("There are still not " + count + " brokers.");
      }
      LockSupport.parkNanos(UNTIL_IT_IS_CREATED.toNanos());
    }
  }

  private <T> T described(Function<Admin, KafkaFuture<T>> question) {
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      return question.apply(admin).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Could not read the number of brokers", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reading the number of brokers", e);
    }
  }

  List<ReceivedMessage> read(String topic, int count, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    var arrived = new ArrayList<ReceivedMessage>();
    try (var consumer = consumer(bootstrap)) {
      while (arrived.size() < count && System.nanoTime() < deadline) {
        var left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        if (assigned(consumer, topic)) {
          consumer.poll(left).forEach(record -> arrived.add(message(record)));
        } else {
          LockSupport.parkNanos(UNTIL_IT_IS_CREATED.toNanos());
        }
      }
    }
    return List.copyOf(arrived);
  }

  /**
   * Assigns all partitions of a topic to the consumer if they are not assigned yet. Returns false
   * if the topic does not exist yet.
   */
  private static boolean assigned(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    if (consumer.assignment().isEmpty()) {
      consumer.assign(
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList());
    }
    return !consumer.assignment().isEmpty();
  }

  /**
   * Returns a consumer without a group. It needs partitions to be assigned, and begins at the first
   * message of each.
   */
  static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "auto.offset.reset",
            "earliest",
            "enable.auto.commit",
            false,
            "isolation.level",
            "read_committed",
            "max.poll.records",
            5_000,
            "reconnect.backoff.max.ms",
            500);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static ReceivedMessage message(ConsumerRecord<byte[], byte[]> from) {
    var headers = new TreeMap<String, String>();
    from.headers().forEach(header -> headers.put(header.key(), text(header.value())));
    return new ReceivedMessage(
        from.key() == null ? null : text(from.key()),
        from.value() == null ? null : Buffer.buffer(from.value()),
        headers,
        Instant.ofEpochMilli(from.timestamp()),
        Map.of(
            "topic", from.topic(),
            "partition", Integer.toString(from.partition()),
            "offset", Long.toString(from.offset())));
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}

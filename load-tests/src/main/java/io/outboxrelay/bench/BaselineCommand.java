package io.outboxrelay.bench;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The baseline of the benchmarks: a plain loop that reads pages and sends the messages that the
 * relay would send, but without order after a failure and without a checkpoint. With Kafka it waits
 * only for the final flush; with RabbitMQ it counts confirms.
 */
@Command(name = "bare", hidden = true, description = "The bare loop, which the other commands run.")
final class BaselineCommand implements Callable<Integer> {
  private static final String PAGE =
      "select seq, aggregate_id, payload::text, id::text, event_type, created_at::text,"
          + " aggregate_type from outbox where seq > ? order by seq limit 1000";

  @Option(names = "--jdbc", required = true)
  String jdbc = "";

  @Option(names = "--password", required = true)
  String password = "";

  @Option(names = "--kafka", defaultValue = "")
  String kafka = "";

  @Option(names = "--rabbitmq", defaultValue = "")
  String rabbit = "";

  @Option(names = "--destination", required = true)
  String destination = "";

  private interface Sender {
    void send(ResultSet row, byte[] payload) throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    if (kafka.isEmpty()) {
      intoRabbit();
    } else {
      intoKafka();
    }
    // The process waits for the end of its standard input, so that the benchmark can still read its
    // use of resources.
    System.in.transferTo(OutputStream.nullOutputStream());
    return 0;
  }

  private void intoKafka() throws Exception {
    var properties = new Properties();
    properties.put("bootstrap.servers", kafka);
    properties.put("acks", "all");
    properties.put("linger.ms", "5");
    properties.put("batch.size", "131072");
    var serializer = new ByteArraySerializer();
    try (var producer = new KafkaProducer<>(properties, serializer, serializer)) {
      read(
          (row, payload) -> {
            byte[] key = row.getString(2).getBytes(StandardCharsets.UTF_8);
            var record = new ProducerRecord<>(destination, key, payload);
            for (var header : headers(row).entrySet()) {
              record
                  .headers()
                  .add(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8));
            }
            var unused = producer.send(record);
          });
      producer.flush();
    }
  }

  private void intoRabbit() throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(rabbit);
    var room = new Semaphore(10_000);
    var unconfirmed = new ConcurrentSkipListMap<Long, Boolean>();
    try (var connection = factory.newConnection()) {
      var channel = connection.createChannel();
      channel.confirmSelect();
      channel.addConfirmListener(
          (tag, multiple) -> confirmed(unconfirmed, room, tag, multiple),
          (tag, multiple) -> confirmed(unconfirmed, room, tag, multiple));
      read(
          (row, payload) -> {
            room.acquire();
            unconfirmed.put(channel.getNextPublishSeqNo(), true);
            var message =
                new AMQP.BasicProperties.Builder()
                    .deliveryMode(2)
                    .messageId(row.getString(4))
                    .type(row.getString(5))
                    .contentType("application/json")
                    .headers(new HashMap<>(headers(row)))
                    .build();
            channel.basicPublish("", destination, true, message, payload);
          });
      room.acquire(10_000);
    }
  }

  private static void confirmed(
      ConcurrentSkipListMap<Long, Boolean> unconfirmed,
      Semaphore room,
      long tag,
      boolean multiple) {
    if (multiple) {
      while (!unconfirmed.isEmpty() && unconfirmed.firstKey() <= tag) {
        unconfirmed.pollFirstEntry();
        room.release();
      }
    } else if (unconfirmed.remove(tag) != null) {
      room.release();
    }
  }

  private void read(Sender sender) throws Exception {
    try (Connection connection = DriverManager.getConnection(jdbc, "postgres", password);
        var page = connection.prepareStatement(PAGE)) {
      long position = 0;
      int rows;
      do {
        page.setLong(1, position);
        rows = 0;
        try (var row = page.executeQuery()) {
          while (row.next()) {
            rows++;
            position = send(row, sender);
          }
        }
      } while (rows > 0);
    } catch (SQLException e) {
      throw new IllegalStateException("the bare loop could not read the outbox", e);
    }
  }

  private static long send(ResultSet row, Sender sender) throws Exception {
    sender.send(row, row.getString(3).getBytes(StandardCharsets.UTF_8));
    return row.getLong(1);
  }

  private static Map<String, String> headers(ResultSet row) throws SQLException {
    return Map.of(
        "event-id", row.getString(4),
        "event-type", row.getString(5),
        "event-time", row.getString(6),
        "event-sequence", row.getString(1),
        "aggregate-type", row.getString(7),
        "aggregate-id", row.getString(2),
        "content-type", "application/json");
  }
}

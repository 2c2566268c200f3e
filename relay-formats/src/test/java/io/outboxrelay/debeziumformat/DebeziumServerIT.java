package io.outboxrelay.debeziumformat;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.testkit.DebeziumServer;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real Debezium Server still gives the messages that are recorded.
 *
 * <p>With {@code -Ddebezium.record=true} it records them; {@code -Ddebezium.case} names the cases
 * to run, separated by commas.
 */
class DebeziumServerIT {
  private static final Duration UNTIL_THE_NEXT_LOOK = Duration.ofMillis(50);

  @BeforeAll
  static void assumeThatADebeziumServerIsThere() {
    var absence = DebeziumServer.absence();
    assumeTrue(absence.isEmpty(), absence.orElse(""));
  }

  static List<String> cases() {
    String only = System.getProperty("debezium.case", "");
    return RouterCase.all().stream()
        .map(RouterCase::name)
        .filter(name -> only.isEmpty() || List.of(only.split(",")).contains(name))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theRecordedMessagesAreThoseOfDebezium(String name) throws Exception {
    var router =
        RouterCase.all().stream().filter(one -> one.name().equals(name)).findAny().orElseThrow();
    JsonObject found;
    try (var database = PostgresServer.shared().createDatabase()) {
      found = observed(router, database);
    }
    if (Boolean.getBoolean("debezium.record")) {
      RecordedCase.write(name, found);
    }
    assertThat(found.encodePrettily()).isEqualTo(RecordedCase.read(name).encodePrettily());
  }

  private static JsonObject observed(RouterCase router, TestDatabase database) throws Exception {
    database.execute("create table outboxevent (" + router.table() + ")");
    database.execute("create publication debezium for table outboxevent");
    database.execute(
        "select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot(database)));
    for (int i = 0; i < router.rows().size(); i++) {
      database.execute(router.insert(i));
    }
    var found = RecordedCase.table(database);
    var received = new CopyOnWriteArrayList<ReceivedMessage>();
    try (var subscription = KafkaServer.shared().subscribe(topics(router), received::add);
        var server = DebeziumServer.start(properties(router, database))) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (received.size() < router.rows().size()
          && server.running()
          && System.nanoTime() < deadline) {
        LockSupport.parkNanos(UNTIL_THE_NEXT_LOOK.toNanos());
      }
      assertThat(received).as(server.log()).hasSameSizeAs(router.rows());
    } finally {
      dropSlot(database);
    }
    var messages = new JsonArray();
    received.stream()
        .sorted((a, b) -> id(a).compareTo(id(b)))
        .map(RecordedCase::message)
        .forEach(messages::add);
    return found.put("messages", messages);
  }

  private static String topics(RouterCase router) {
    return ".*-%1$s|%1$s\\.of\\..*".formatted(router.name());
  }

  private static String id(ReceivedMessage message) {
    return String.valueOf(message.headers().get("id"));
  }

  private static String slot(TestDatabase database) {
    return "debezium_" + database.name();
  }

  private static void dropSlot(TestDatabase database) throws SQLException {
    database.execute("select pg_drop_replication_slot('%s')".formatted(slot(database)));
  }

  private static SortedMap<String, String> properties(RouterCase router, TestDatabase database) {
    var all = new TreeMap<>(router.properties());
    all.putAll(DebeziumServer.source(database));
    all.put("debezium.source.plugin.name", "pgoutput");
    all.put("debezium.source.slot.name", slot(database));
    all.put("debezium.source.publication.name", "debezium");
    all.put("debezium.source.publication.autocreate.mode", "disabled");
    all.put("debezium.source.snapshot.mode", "no_data");
    // Otherwise each message names the run of the server.
    all.put("debezium.source.extended.headers.enabled", "false");
    var kafka = KafkaServer.shared();
    all.put("debezium.sink.kafka.producer.bootstrap.servers", kafka.host() + ":" + kafka.port());
    for (String side : List.of("key", "value")) {
      boolean isBinary =
          side.equals("value") && "binary".equals(router.formats().get("debezium.format.value"));
      all.put(
          "debezium.sink.kafka.producer." + side + ".serializer",
          "org.apache.kafka.common.serialization."
              + (isBinary ? "ByteArraySerializer" : "StringSerializer"));
    }
    return all;
  }
}

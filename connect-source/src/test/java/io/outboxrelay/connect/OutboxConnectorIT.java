package io.outboxrelay.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.AggregateArrivals.Arrival;
import io.outboxrelay.testkit.ArrivalLedger;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plugin archive in real workers in distributed mode, on an outbox with three shards. */
@Timeout(300)
class OutboxConnectorIT {
  private static final int SHARDS = 3;
  private static final int PER_SECOND = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  private static Path folder;

  private static KafkaServer kafka;
  private static ConnectCluster plain;

  private final String type = "t-" + UUID.randomUUID();
  private TestDatabase database;

  @BeforeAll
  static void startWorkers() throws Exception {
    kafka = KafkaServer.shared();
    plain = cluster(false);
  }

  private static ConnectCluster cluster(boolean exactlyOnce) throws Exception {
    var bootstrap = kafka.host() + ":" + kafka.port();
    return ConnectCluster.start(
        bootstrap, 2, exactlyOnce, folder.resolve(exactlyOnce ? "once" : "plain"));
  }

  @AfterAll
  static void stopWorkers() throws Exception {
    plain.close();
  }

  @BeforeEach
  void createOutbox() throws Exception {
    database = PostgresServer.shared().createDatabase();
    var outbox = OutboxConfig.from(Settings.of("test", Map.of()));
    database.execute(new OutboxSchema(outbox).withShards(SHARDS).script());
    kafka.createTopic(type + ".events");
  }

  @AfterEach
  void dropOutbox() {
    database.close();
  }

  @Test
  void aKilledWorkerLosesAndOvertakesNothing() throws Exception {
    var arrivals = underLoad(plain, config());

    assertThat(arrivals.count(Arrival.OVERTAKEN)).as("%s", arrivals).isZero();
    assertThat(arrivals.count(Arrival.AHEAD)).as("%s", arrivals).isZero();
  }

  @Test
  void withExactlyOnceNothingIsRepeatedEither() throws Exception {
    try (var once = cluster(true)) {
      var config = config();
      config.put("exactly.once.support", "required");
      config.put("transaction.boundary", "connector");

      var arrivals = underLoad(once, config);

      assertThat(arrivals.count(Arrival.NEXT)).as("%s", arrivals).isEqualTo(arrivals.total());
    }
  }

  /** Writes events, and kills the worker of a task meanwhile; returns what arrived. */
  private ArrivalLedger underLoad(ConnectCluster cluster, Map<String, String> config)
      throws Exception {
    var arrivals = new ArrivalLedger();
    var name = "load-" + type;
    assertThat(cluster.configure(name, config).status()).isEqualTo(201);
    cluster.awaitRunning(name, SHARDS);
    try (var consumer = kafka.subscribe(type + "\\.events", message -> record(arrivals, message))) {
      var writers = OrderedWriters.start(database, type, PER_SECOND);
      awaitMore(arrivals);
      cluster.killWorkerOf(name, 0);
      cluster.awaitRunning(name, SHARDS);
      awaitMore(arrivals);
      var committed = writers.stop();

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(arrivals.missing(committed)).as("%s", arrivals).isZero());
    }
    cluster.request("DELETE", "/connectors/" + name, "");
    awaitTallies();
    return arrivals;
  }

  private static void record(ArrivalLedger arrivals, ReceivedMessage message) {
    arrivals.arrived(
        String.valueOf(message.key()),
        Integer.parseInt(String.valueOf(message.text())),
        UUID.fromString(String.valueOf(message.headers().get("event-id"))));
  }

  private static void awaitMore(ArrivalLedger arrivals) {
    long before = arrivals.total();
    await().atMost(PATIENCE).until(() -> arrivals.total() > before + 3 * PER_SECOND);
  }

  /** Waits until the checkpoints confirm all events, and the account has exactly these. */
  private void awaitTallies() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        select(
                            """
                            select (select count(*) from outbox)
                              || ' ' || (select sum(events) from outbox_account)
                              || ' ' || (select count(*) from outbox o join outbox_checkpoint c
                                on c.shard = mod(hashtextextended(aggregate_id, 0) & 2147483647, 3)
                                where pg_visible_in_snapshot(o.xid, c.settled)
                                  or (o.seq <= c.position
                                      and pg_visible_in_snapshot(o.xid, c.open_window)))
                            """))
                    .matches("(\\d+) \\1 \\1"));
  }

  @Test
  void mistakesAreRefusedWithASentence() throws Exception {
    var first = "first-" + type;
    assertThat(plain.configure(first, config()).status()).isEqualTo(201);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                select("select count(*) from outbox_checkpoint where owner is not null")
                    .equals("3"));

    var second = plain.configure("second-" + type, config());
    assertThat(second.status()).isEqualTo(400);
    assertThat(second.body())
        .contains("shard 0 of 3 of")
        .contains("is owned by connector " + first + ", which publishes its events; stop that");
    var again = plain.configure(first, config());
    assertThat(again.status()).as(again.body()).isEqualTo(200);

    assertThat(errors("tasks.max", "2")).containsOnlyKeys("outbox.table");
    assertThat(errors("tasks.max", "2").get("outbox.table"))
        .contains("has 3 shards, and each needs a task: set tasks.max to 3 or more");
    assertThat(errors("outbox.table", "missing").get("outbox.table"))
        .contains("is not there; run the command init");
    assertThat(errors("database.uri", "postgresql://relay@127.0.0.1:1/app").get("database.uri"))
        .contains("cannot be reached");
    assertThat(errors("kafka.topic", "${nonsense}")).containsOnlyKeys("kafka.topic");
    plain.request("DELETE", "/connectors/" + first, "");
  }

  private Map<String, String> errors(String setting, String value) {
    var config = config();
    config.put("name", "validated");
    config.put(setting, value);
    var answer =
        plain.request(
            "PUT",
            "/connector-plugins/OutboxSourceConnector/config/validate",
            JsonObject.mapFrom(config).encode());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    var errors = new LinkedHashMap<String, String>();
    for (var entry : answer.json().getJsonArray("configs")) {
      var found = ((JsonObject) entry).getJsonObject("value");
      if (!found.getJsonArray("errors").isEmpty()) {
        errors.put(found.getString("name"), found.getJsonArray("errors").getString(0));
      }
    }
    return errors;
  }

  @Test
  void offsetsCanBeSetBackAndNonsenseIsRefused() throws Exception {
    var name = "offsets-" + type;
    assertThat(plain.configure(name, config()).status()).isEqualTo(201);
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
            + " select '%s', 'a', 'paid', to_jsonb(v) from generate_series(1, 5) v"
                .formatted(type));
    assertThat(kafka.consume(type + ".events", 5, PATIENCE)).hasSize(5);
    var offsets = "/connectors/" + name + "/offsets";
    await()
        .atMost(PATIENCE)
        .until(() -> !plain.request("GET", offsets, "").json().getJsonArray("offsets").isEmpty());
    plain.request("PUT", "/connectors/" + name + "/stop", "");
    await()
        .atMost(PATIENCE)
        .until(() -> plain.request("GET", offsets, "").status() == 200 && isStopped(name));
    var stored = plain.request("GET", offsets, "").json().getJsonArray("offsets").getJsonObject(0);

    var nonsense = plain.settled("PATCH", offsets, altered(stored, "settled", "yesterday"));
    assertThat(nonsense.status()).isEqualTo(500);
    assertThat(nonsense.body()).contains("settled is not a snapshot of PostgreSQL");
    var elsewhere = plain.settled("PATCH", offsets, altered(stored, "history", "1/2/3/4"));
    assertThat(elsewhere.body()).contains("the history of this database is");

    var back = stored.copy();
    back.getJsonObject("offset")
        .put("settled", "1:1:")
        .put("top", 0)
        .put("floor", 0)
        .put("fence", 0)
        .remove("window");
    back.getJsonObject("offset").remove("position");
    var answer = plain.settled("PATCH", offsets, offsets(back));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    plain.request("PUT", "/connectors/" + name + "/resume", "");

    assertThat(kafka.consume(type + ".events", 10, PATIENCE))
        .extracting(ReceivedMessage::text)
        .containsExactly("1", "2", "3", "4", "5", "1", "2", "3", "4", "5");
    awaitTallies();
    plain.request("DELETE", "/connectors/" + name, "");
  }

  private static boolean isStopped(String name) {
    return plain
        .request("GET", "/connectors/" + name + "/status", "")
        .json()
        .getJsonArray("tasks")
        .isEmpty();
  }

  private static String altered(JsonObject stored, String field, String value) {
    var other = stored.copy();
    other.getJsonObject("offset").put(field, value);
    return offsets(other);
  }

  private static String offsets(JsonObject offset) {
    return new JsonObject().put("offsets", new JsonArray().add(offset)).encode();
  }

  @Test
  void messagesAreTheOnesThatTheRelayPublishes() throws Exception {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers) values
          ('%1$s', 'größe-1', 'paid', '{"amount": "9.90 €"}', '{"tenant": "acmé", "n": "[1, 2]"}'),
          ('%1$s', 'b', 'gone', null, null)
        """
            .formatted(type));
    var name = "messages-" + type;
    assertThat(plain.configure(name, config()).status()).isEqualTo(201);
    var ours = byKey(kafka.consume(type + ".events", 2, PATIENCE));
    plain.request("DELETE", "/connectors/" + name, "");

    kafka.createTopic(type + ".relay");
    publishAsTheRelayDoes(type + ".relay");
    var relays = byKey(kafka.consume(type + ".relay", 2, PATIENCE));

    assertThat(ours).hasSize(2).isEqualTo(relays);
  }

  private static Map<String, String> byKey(Iterable<ReceivedMessage> messages) {
    var all = new HashMap<String, String>();
    for (var message : messages) {
      all.put(
          String.valueOf(message.key()),
          "%s %s %s %s"
              .formatted(
                  message.text(),
                  message.headers(),
                  message.timestamp(),
                  message.properties().get("partition")));
    }
    return all;
  }

  private void publishAsTheRelayDoes(String topic) throws Exception {
    var vertx = Vertx.vertx();
    var provider =
        ServiceLoader.load(PublisherProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("kafka"))
            .findFirst()
            .orElseThrow();
    var settings = new HashMap<String, Object>(kafka.settings());
    settings.put("topic", topic);
    var publisher =
        provider
            .configure(Settings.of("test", Map.of("kafka", settings)).section("kafka"))
            .connect(vertx)
            .await();
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select seq, id, aggregate_id, event_type, payload::text, headers::text, created_at"
                    + " from outbox")) {
      while (rows.next()) {
        var headers = new LinkedHashMap<String, String>();
        var json = rows.getString(6);
        if (json != null) {
          new JsonObject(json).forEach(entry -> headers.put(entry.getKey(), "" + entry.getValue()));
        }
        var payload = rows.getString(5);
        publisher
            .publish(
                OutboxEvent.builder(rows.getLong(1), rows.getObject(2, UUID.class))
                    .aggregate(type, rows.getString(3))
                    .type(rows.getString(4))
                    .payload(payload == null ? null : Buffer.buffer(payload), "application/json")
                    .headers(headers)
                    .createdAt(rows.getObject(7, OffsetDateTime.class).toInstant())
                    .build())
            .await();
      }
    } finally {
      publisher.close().await();
      vertx.close().await();
    }
  }

  private Map<String, String> config() {
    var config = new HashMap<String, String>();
    config.put("connector.class", "io.outboxrelay.connect.OutboxSourceConnector");
    config.put("tasks.max", "3");
    config.put("database.uri", database.uri());
    config.put("database.password", database.server().password());
    config.put("kafka.topic", type + ".events");
    return config;
  }

  private String select(String sql) throws Exception {
    return database.query(sql);
  }
}

package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.MemoryBroker;
import io.outboxrelay.publish.MemoryPublisherProvider;
import io.outboxrelay.relay.Relay;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** An outbox, a broker in memory, and relays with their admin servers, for one test. */
final class AdminServerBench implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final MemoryBroker broker = MemoryBroker.start();
  private final String destination = broker.newDestination();
  private final TestDatabase database;
  private final List<Post> posts = new ArrayList<>();

  /** A relay and its server. */
  record Post(Relay relay, AdminServer admin, Caller caller) {}

  /** On the server that all tests share. */
  AdminServerBench() throws SQLException {
    this(PostgresServer.shared());
  }

  AdminServerBench(PostgresServer server) throws SQLException {
    this.database = server.createDatabase();
    database.execute(new OutboxSchema(OutboxConfig.from(settings(Map.of()))).script());
  }

  Vertx vertx() {
    return vertx;
  }

  TestDatabase database() {
    return database;
  }

  MemoryBroker broker() {
    return broker;
  }

  String destination() {
    return destination;
  }

  List<ReceivedMessage> arrived() {
    return broker.messages(destination);
  }

  private Settings settings(Map<String, String> admin) {
    var given = new HashMap<String, Object>();
    given.put("database.uri", database.uri());
    given.put("database.password", database.server().password());
    given.put("relay.fallback-interval", "1h");
    given.put("relay.retry.initial-delay", "20ms");
    given.put("admin.port", "0");
    given.put("admin.api", "true");
    admin.forEach((key, value) -> given.put("admin." + key, value));
    var broker = new HashMap<String, Object>(this.broker.settings());
    broker.put("destination", destination);
    broker.forEach((key, value) -> given.put("memory." + key, value));
    return Settings.of("test.yaml", given);
  }

  /** A relay that leads or stands by, and answers. */
  Post started(Map<String, String> adminSettings) {
    var settings = settings(adminSettings);
    var databaseConfig = DatabaseConfig.from(settings);
    var config = RelayConfig.from(settings);
    var to = new MemoryPublisherProvider().configure(settings.section("memory"));
    var adminConfig = AdminConfig.from(settings);
    settings.verify();
    var metrics = RelayMetrics.alone();
    var relay = Relay.create(vertx, databaseConfig, config, to, metrics);
    var relayInfo =
        new RelayInfo(
            relay,
            "test",
            Instant.now(),
            new RelayInfo.Configuration(
                databaseConfig, config, to, settings.source(), settings.inForce()));
    var admin = AdminServer.create(vertx, adminConfig, relayInfo);
    done(admin.start());
    done(relay.start());
    var post = new Post(relay, admin, new Caller(vertx, admin.port()));
    posts.add(post);
    return post;
  }

  static <T> T done(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened within " + PATIENCE, e);
    }
  }

  void commit(String aggregate, int version) throws SQLException {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload) values"
            + " ('order', '%s', '%d', '{\"version\": %d}')".formatted(aggregate, version, version));
  }

  /** One value from the database. */
  String query(String sql) throws SQLException {
    try (var connection = database.connect();
        var result = connection.createStatement().executeQuery(sql)) {
      result.next();
      return String.valueOf(result.getString(1));
    }
  }

  @Override
  public void close() {
    for (var post : posts) {
      done(post.relay.stop());
      done(post.admin.close());
    }
    broker.close();
    done(vertx.close());
    database.close();
  }
}

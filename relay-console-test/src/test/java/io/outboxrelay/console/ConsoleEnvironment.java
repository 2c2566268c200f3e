package io.outboxrelay.console;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.admin.AdminConfig;
import io.outboxrelay.admin.AdminServer;
import io.outboxrelay.admin.RelayInfo;
import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.MemoryBroker;
import io.outboxrelay.publish.MemoryPublisherProvider;
import io.outboxrelay.relay.Relay;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An outbox, a broker in memory, a relay between them, and its console, for one test; or one more
 * relay on the stage of another.
 */
final class ConsoleEnvironment implements AutoCloseable {
  static final String TOKEN = "a token for this test";
  static final List<String> DESTINATIONS = List.of("order", "invoice", "customer");

  private final Vertx vertx = Vertx.vertx();
  private final MemoryBroker broker;
  private final TestDatabase database;
  private final boolean shared;
  private final Map<String, Object> settings = new HashMap<>();
  private @Nullable Relay relay;
  private @Nullable AdminServer admin;

  private ConsoleEnvironment(MemoryBroker broker, TestDatabase database, boolean shared) {
    this.broker = broker;
    this.database = database;
    this.shared = shared;
    DESTINATIONS.forEach(broker::open);
    settings.put("database.uri", database.uri());
    settings.put("database.password", database.server().password());
    settings.put("broker", "memory");
    broker.settings().forEach((name, value) -> settings.put("memory." + name, value));
    settings.put("relay.partitions", 2);
    settings.put("relay.defer-after", "1h");
    settings.put("relay.retry.initial-delay", "20ms");
    settings.put("relay.retry.max-delay", "200ms");
    settings.put("admin.api", true);
    settings.put("admin.token", TOKEN);
    settings.put("admin.port", 0);
  }

  /** With an outbox, and a relay that leads. */
  static ConsoleEnvironment open() throws SQLException {
    return open(Map.of());
  }

  static ConsoleEnvironment open(Map<String, Object> changes) throws SQLException {
    var stage =
        new ConsoleEnvironment(
            MemoryBroker.start(), PostgresServer.shared().createDatabase(), false);
    stage.settings.putAll(changes);
    var schema = new OutboxSchema(OutboxConfig.from(stage.settings()));
    stage.database.execute(schema.script());
    stage.start();
    return stage;
  }

  /**
   * Starts a relay that stands by for the relay of {@code other}; close it before {@code other}.
   */
  static ConsoleEnvironment besides(ConsoleEnvironment other) {
    var stage = new ConsoleEnvironment(other.broker, other.database, true);
    stage.start();
    return stage;
  }

  private Settings settings() {
    return Settings.of("relay.yaml", settings);
  }

  /** Starts the relay and its server, on the port it had before, if any. */
  void start() {
    var given = settings();
    var databaseConfig = DatabaseConfig.from(given);
    var config = RelayConfig.from(given);
    var memory = new MemoryPublisherProvider().configure(given.section("memory"));
    var adminConfig = AdminConfig.from(given);
    var starting = Relay.create(vertx, databaseConfig, config, memory);
    var relayInfo =
        new RelayInfo(
            starting,
            "test",
            Instant.now(),
            new RelayInfo.Configuration(
                databaseConfig, config, memory, given.source(), given.inForce()));
    var opened = AdminServer.create(vertx, adminConfig, relayInfo);
    relay = starting;
    admin = opened;
    done(opened.start());
    await().atMost(PATIENCE).until(() -> opened.port() > 0);
    settings.put("admin.port", opened.port());
    done(starting.start());
  }

  /** Ends the relay and its server, as the end of the process would. */
  void stop() {
    if (relay != null && admin != null) {
      done(admin.close());
      done(relay.stop());
      relay = null;
    }
  }

  String url() {
    return "http://127.0.0.1:" + settings.get("admin.port") + "/";
  }

  MemoryBroker broker() {
    return broker;
  }

  TestDatabase database() {
    return database;
  }

  /** Commits one event. */
  void commit(String type, String aggregate, String event, String payload) throws SQLException {
    try (var connection = database.connect();
        var insert =
            connection.prepareStatement(
                "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                    + " values (?, ?, ?, ?::jsonb)")) {
      insert.setString(1, type);
      insert.setString(2, aggregate);
      insert.setString(3, event);
      insert.setString(4, payload);
      insert.executeUpdate();
    }
  }

  /** Commits many events at once, three of each aggregate. */
  void commitMany(int count) throws SQLException {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload)
        select (array['order', 'invoice', 'customer'])[1 + n / 3 %% 3],
               (array['order', 'invoice', 'customer'])[1 + n / 3 %% 3] || '-' || (1000 + n / 3),
               (array['created', 'changed', 'closed'])[1 + n %% 3],
               jsonb_build_object('number', n, 'amount', '9.90')
        from generate_series(0, %d - 1) n
        """
            .formatted(count));
  }

  /** One number from the database. */
  long count(String sql) throws SQLException {
    try (var connection = database.connect();
        var result = connection.createStatement().executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  static <T> T done(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened within " + PATIENCE, e);
    }
  }

  @Override
  public void close() {
    stop();
    done(vertx.close());
    if (!shared) {
      broker.close();
      database.close();
    }
  }
}

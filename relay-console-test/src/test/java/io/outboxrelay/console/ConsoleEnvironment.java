package io.outboxrelay.console;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.admin.RelayWithAdmin;
import io.outboxrelay.relay.RelayEnvironment;
import io.outboxrelay.testkit.EventInsert;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment in which the tests of the console start one relay, or one more relay beside that
 * of another environment.
 */
final class ConsoleEnvironment extends RelayEnvironment {
  static final String TOKEN = "a token for this test";
  static final List<String> DESTINATIONS = List.of("order", "invoice", "customer");

  private @Nullable RelayWithAdmin relay;
  private int port = 0;

  private ConsoleEnvironment() {
    super(PostgresServer.shared());
    DESTINATIONS.forEach(broker()::open);
    configure();
  }

  private ConsoleEnvironment(ConsoleEnvironment other) {
    super(other);
    configure();
  }

  private void configure() {
    set("relay.partitions", 2);
    set("relay.defer-after", "1h");
    set("relay.retry.max-delay", "200ms");
    set("admin.api", true);
    set("admin.token", TOKEN);
  }

  /** Creates an outbox, and starts a relay that leads. */
  static ConsoleEnvironment open() throws SQLException {
    return open(Map.of());
  }

  static ConsoleEnvironment open(Map<String, Object> changes) throws SQLException {
    var stage = new ConsoleEnvironment();
    changes.forEach(stage::set);
    stage.init();
    stage.start();
    return stage;
  }

  /**
   * Starts a relay that stands by for the relay of {@code other}; close it before {@code other}.
   */
  static ConsoleEnvironment besides(ConsoleEnvironment other) {
    var stage = new ConsoleEnvironment(other);
    stage.start();
    return stage;
  }

  /** Starts the relay and its server, on the port it had before, if any. */
  void start() {
    var starting = RelayWithAdmin.create(vertx(), settings(Map.of("admin.port", port)));
    relay = starting;
    done(starting.admin().start());
    await().atMost(PATIENCE).until(() -> starting.admin().port() > 0);
    port = starting.admin().port();
    done(starting.relay().start());
  }

  /** Ends the relay and its server, as the end of the process would. */
  void stop() {
    if (relay != null) {
      relay.stop();
      relay = null;
    }
  }

  String url() {
    return "http://127.0.0.1:" + port + "/";
  }

  /** Commits one event. */
  void commit(String type, String aggregate, String event, String payload) throws SQLException {
    try (var connection = database().connect();
        var insert = EventInsert.on(connection)) {
      insert.write(type, aggregate, event, payload);
    }
  }

  /** Commits many events at once, three of each aggregate. */
  void commitMany(int count) throws SQLException {
    database()
        .execute(
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

  /** Returns one number from the database. */
  long count(String sql) throws SQLException {
    return database().number(sql);
  }

  @Override
  protected void stopAll() {
    stop();
  }
}

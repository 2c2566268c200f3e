package io.outboxrelay.doorbell;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.PostgresServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A listener detects that notifications do not arrive, and then replaces its connection. */
class NotificationListenerIT {
  private static final OutboxNames NAMES = new OutboxNames("public", "outbox");

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final PostgresServer server = PostgresServer.shared();
  private final io.outboxrelay.testkit.TestDatabase database = server.createDatabase();
  private final FaultProxy proxy = FaultProxy.to(server.host(), server.port());
  private final AtomicInteger rings = new AtomicInteger();
  private NotificationListener listener;

  @BeforeEach
  void listen() throws TimeoutException {
    var ringer = onLoop(() -> through(server.port()).connect());
    listener =
        new NotificationListener(
            through(proxy.port()),
            ringer,
            new NotificationListener.Channel(NAMES, ShardKey.all(), Duration.ofMillis(300)),
            new ShardHealth(),
            RelayMetrics.alone().shard(0),
            notice -> {
              if (notice == Notice.EVENTS) {
                rings.incrementAndGet();
              }
            });
    loop.runOnContext(start -> listener.start());
    awaitHearing(true);
  }

  @AfterEach
  void close() throws TimeoutException {
    proxy.heal();
    onLoop(listener::stop);
    vertx.close().await(20, SECONDS);
    proxy.close();
    database.close();
  }

  @Test
  void hearsTheBell() throws SQLException {
    int before = rings.get();

    ring();

    await().atMost(PATIENCE).until(() -> rings.get() > before);
  }

  @Test
  void keepsAConnectionThatHears() throws SQLException {
    String connection = connection();

    await()
        .during(Duration.ofSeconds(3))
        .atMost(PATIENCE)
        .until(() -> connection().equals(connection));
  }

  @Test
  void replacesAConnectionThatWasClosed() throws SQLException {
    String connection = connection();

    database.execute("select pg_terminate_backend(" + connection + ")");

    await()
        .atMost(PATIENCE)
        .until(() -> !connection().isEmpty() && !connection().equals(connection));
    awaitHearing(true);
    hearsTheBell();
  }

  @Test
  void noticesThatItIsDeafAndIsReplaced() throws SQLException {
    int before = rings.get();

    proxy.blackHole(FaultProxy.Direction.BOTH);

    awaitHearing(false);
    assertThat(rings)
        .as("tells to look, as a ring may have been missed")
        .hasValueGreaterThan(before);
    proxy.heal();
    proxy.cut();
    awaitHearing(true);
    hearsTheBell();
    assertThat(connection()).as("one connection").doesNotContain(",");
  }

  @Test
  void listensAgainAfterALongOutage() throws SQLException {
    proxy.refuse();
    proxy.cut();
    awaitHearing(false);
    await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> !hears());

    proxy.heal();

    awaitHearing(true);
    hearsTheBell();
  }

  @Test
  void leavesNothingBehind() throws TimeoutException {
    onLoop(listener::stop);

    assertThat(hears()).isFalse();
    await().atMost(PATIENCE).until(() -> connection().isEmpty());
  }

  private Database through(int port) {
    var settings =
        Settings.of(
            "test",
            Map.of(
                "database.uri",
                "postgresql://%s@127.0.0.1:%d/%s".formatted(server.user(), port, database.name()),
                "database.password",
                server.password(),
                "database.connect-timeout",
                "1s"));
    return Database.create(vertx, DatabaseConfig.from(settings));
  }

  private void ring() throws SQLException {
    database.execute("select pg_notify('" + NAMES.channel() + "', '')");
  }

  /** Returns the process id of the connection that listens. */
  private String connection() throws SQLException {
    try (var connection = database.connect();
        var result =
            connection
                .createStatement()
                .executeQuery(
                    "select coalesce(string_agg(pid::text, ','), '') from pg_stat_activity"
                        + " where datname = current_database() and query like 'LISTEN%'")) {
      result.next();
      return result.getString(1);
    }
  }

  private void awaitHearing(boolean expected) {
    await().atMost(PATIENCE).until(() -> hears() == expected);
  }

  private boolean hears() throws TimeoutException {
    return onLoop(() -> Future.succeededFuture(listener.hears()));
  }

  private <T> T onLoop(Supplier<Future<T>> action) throws TimeoutException {
    Promise<T> result = Promise.promise();
    loop.runOnContext(start -> action.get().onComplete(result));
    return result.future().await(20, SECONDS);
  }
}

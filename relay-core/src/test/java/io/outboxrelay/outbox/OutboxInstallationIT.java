package io.outboxrelay.outbox;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command init beside writers that have not committed. */
class OutboxInstallationIT {
  private static final String INSERT =
      "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', 'a', 'e')";

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));
  private final OutboxSchema schema = new OutboxSchema(config);

  @BeforeEach
  void createOutbox() throws SQLException {
    database.execute(schema.script());
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(20, SECONDS);
    database.close();
  }

  /** Each statement makes init change the trigger, which needs a lock that blocks all writers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "drop trigger outbox_ring on outbox",
        "insert into outbox_checkpoint (shard, settled, top, floor, fence, epoch)"
            + " select 1, settled, top, floor, fence, 0 from outbox_checkpoint",
        "drop index outbox_dead_letter_aggregate",
        ""
      })
  void noInsertWaitsForAnInitThatWaitsForAWriter(String damage) throws Exception {
    if (!damage.isEmpty()) {
      database.execute(damage);
    }
    var changed = damage.isEmpty() ? schema.withoutDoorbell() : schema;
    try (var open = database.connect();
        var other = database.connect()) {
      open.setAutoCommit(false);
      insert(open);
      other.createStatement().execute("set lock_timeout = '5s'");

      var init = install(changed, Duration.ofSeconds(60));
      for (int i = 0; i < 20; i++) {
        insert(other);
      }
      open.commit();

      init.await(60, SECONDS);
      insert(other);
    }
  }

  @Test
  void anInitThatRunsOutOfTimeNamesTheSessionInTheWay() throws Exception {
    database.execute("drop trigger outbox_ring on outbox");
    try (var open = database.connect()) {
      open.setAutoCommit(false);
      open.createStatement().execute("set application_name = 'nightly batch'");
      insert(open);

      var init = install(schema, Duration.ofMillis(300));

      assertThatThrownBy(() -> init.await(30, SECONDS))
          .hasMessageContaining("Nothing was changed")
          .hasMessageContaining("nightly batch")
          .hasMessageContaining("pid ");
    }
    install(schema, Duration.ofSeconds(1)).await(30, SECONDS);
    assertThat(triggers()).isEqualTo(1);
  }

  private long triggers() throws SQLException {
    return database.number("select count(*) from pg_trigger where tgname = 'outbox_ring'");
  }

  @Test
  void eachRoleThatIsNotThereIsNamed() {
    assertRefused(List.of("no_app"), List.of(), "there is no role no_app. Nothing was changed.");
    assertRefused(
        List.of("no_app", "postgres"),
        List.of("no_app", "no_relay", "no more"),
        "there are no roles \"no more\", no_app and no_relay. Nothing was changed. Create each");
  }

  private void assertRefused(List<String> applications, List<String> relays, String sentence) {
    var roles = new OutboxInstallation.Roles(applications, relays);
    assertThatThrownBy(() -> install(schema, Duration.ofSeconds(1), roles).await(30, SECONDS))
        .hasMessageContaining(sentence);
  }

  private Future<Integer> install(OutboxSchema changed, Duration within) {
    return install(changed, within, new OutboxInstallation.Roles(List.of(), List.of()));
  }

  private Future<Integer> install(
      OutboxSchema changed, Duration within, OutboxInstallation.Roles roles) {
    var settings = database.settings();
    var connecting =
        io.outboxrelay.database.Database.create(
            vertx, DatabaseConfig.from(Settings.of("test", Map.copyOf(settings))));
    return connecting
        .connect()
        .compose(
            connection ->
                new OutboxInstallation(vertx, connection, changed, config.names(), roles)
                    .run(within));
  }

  private static void insert(Connection writer) throws SQLException {
    try (var statement = writer.createStatement()) {
      statement.execute(INSERT);
    }
  }
}

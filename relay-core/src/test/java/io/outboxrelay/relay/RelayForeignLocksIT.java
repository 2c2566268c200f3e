package io.outboxrelay.relay;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.membership.ClusterSnapshot;
import io.outboxrelay.membership.RelayInstance;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.status.OpenTransaction;
import io.outboxrelay.status.OpenTransactionReader;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.ShardStatusReader;
import io.outboxrelay.status.StatusSnapshot;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.window.Rebase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If a role without any grant holds advisory locks of the outbox, a relay that leads continues, and
 * the locks are reported.
 */
class RelayForeignLocksIT {
  private final RelayBench bench = RelayBench.withoutOutbox(PostgresServer.shared());
  private final Vertx vertx = Vertx.vertx();
  private OutboxNames names = new OutboxNames("public", "outbox");
  private String role = "set before each";

  @BeforeEach
  void createStranger() throws SQLException {
    bench.init();
    names = OutboxConfig.from(bench.settings()).names();
    role = bench.database().name() + "_stranger";
    bench.database().execute("create role " + role + " login password 'secret'");
  }

  @AfterEach
  void dropStranger() throws Exception {
    bench.terminate("usename = '" + role + "'");
    bench.database().execute("drop role " + role);
    vertx.close().await(20, SECONDS);
    bench.close();
  }

  /**
   * The locks that ask for a release of all shards (-2), announce a relay (other even numbers), or
   * announce an owner (odd ones).
   */
  @ParameterizedTest
  @ValueSource(ints = {-2, -4, -6, -8, -5, -7})
  void aRelayThatLeadsIgnoresThem(int object) throws Exception {
    var created = Role.create(bench);
    assertThat(created).isNotNull();
    bench.leading();
    try (var stranger = holding(object, "pg_advisory_lock")) {
      bench.commit("a-1", 1, 2, 3);
      bench.awaitArrivals(3);
      assertThat(foreign())
          .singleElement()
          .satisfies(
              lock -> {
                assertThat(lock.isHarmful()).isFalse();
                assertThat(lock.sentence()).contains("role " + role, "which is no relay");
                assertThat(lock.remedy()).contains("select pg_terminate_backend(" + pid(stranger));
              });
    }
  }

  @Test
  void aShardWithAForeignLockIsNotSaidToBeLed() throws Exception {
    try (var stranger = holding(1, "pg_advisory_lock")) {
      List<ShardRow> watched =
          seen(connection -> new ShardStatusReader(names).watch(connection, List.of()));
      List<ShardRow> read = seen(connection -> new ShardStatusReader(names).readAll(connection));
      assertThat(watched.get(0).led()).isFalse();
      assertThat(read.get(0).led()).isFalse();
      List<RelayInstance> instances = seen(connection -> RelayInstance.find(connection, names));
      assertThat(instances).isEmpty();
      ClusterSnapshot snapshot = seen(connection -> ClusterSnapshot.take(connection, names));
      assertThat(snapshot.owners()).isEmpty();
      assertThat(snapshot.free()).as("what relays try to acquire").isEmpty();
      assertThat(foreign())
          .singleElement()
          .satisfies(
              lock -> {
                assertThat(lock.shard()).contains(0);
                assertThat(lock.pid()).isEqualTo(pid(stranger));
                assertThat(lock.sentence()).contains("so no relay can lead it");
              });
      RelayStatus verdict =
          seen(
              connection ->
                  StatusSnapshot.read(connection, names)
                      .map(StatusSnapshot::inputs)
                      .map(RelayStatus::of));
      assertThat(verdict.sentence())
          .contains("no relay leads shard 0", "pg_terminate_backend(" + pid(stranger))
          .doesNotContain("start a relay");
      assertThatThrownBy(() -> seen(connection -> Rebase.run(connection, names)))
          .hasMessageContaining("pid " + pid(stranger) + " (role " + role)
          .hasMessageContaining("nothing was changed");
    }
  }

  /** Any session can choose the relay's application name. */
  @Test
  void aTransactionIsNotTakenForARelaysBecauseOfItsApplicationName() throws Exception {
    try (var stranger = stranger();
        var statement = stranger.createStatement()) {
      statement.execute("set application_name = 'outbox-relay'");
      stranger.setAutoCommit(false);
      statement.execute("select pg_current_xact_id()");
      int pid = pid(stranger);

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                List<OpenTransaction> open =
                    seen(connection -> new OpenTransactionReader(names).read(connection));
                assertThat(open).extracting(OpenTransaction::pid).contains(pid);
              });
    }
  }

  @Test
  void aRequestThatWaitsBehindARelaysLockIsFoundToo() throws Exception {
    bench.leading();
    @SuppressWarnings("resource") // Closed by the thread.
    var stranger = stranger();
    int pid = pid(stranger);
    var waiting =
        new Thread(
            () -> {
              try (stranger;
                  var statement = stranger.createStatement()) {
                statement.execute("select pg_advisory_lock(" + names.leaseLock(0) + ")");
              } catch (SQLException ended) {
                // The test terminates the session.
                assertThat(ended.getMessage()).contains("terminat");
              }
            });
    waiting.start();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(foreign()).extracting(ForeignLock::pid).containsExactly(pid));
    bench.terminate("pid = " + pid);
    waiting.join(20_000);
  }

  @Test
  void aWriterThatSharesTheDoorbellsLockIsNoFault() throws Exception {
    try (var stranger = holding(0, "pg_advisory_lock_shared")) {
      assertThat(stranger.isClosed()).isFalse();
      assertThat(foreign()).isEmpty();
    }
  }

  private List<ForeignLock> foreign() throws TimeoutException {
    return seen(connection -> ForeignLock.find(connection, names));
  }

  private <T> T seen(Function<PgConnection, Future<T>> look) throws TimeoutException {
    var config = DatabaseConfig.from(bench.settings());
    return PgConnection.connect(vertx, config.toConnectOptions())
        .compose(connection -> look.apply(connection).eventually(connection::close))
        .await(30, SECONDS);
  }

  private Connection holding(int object, String lock) throws SQLException {
    var stranger = stranger();
    try (var statement = stranger.createStatement()) {
      statement.execute("select %s(%d, %d)".formatted(lock, names.lockClass(), object));
    }
    return stranger;
  }

  private Connection stranger() throws SQLException {
    var login = new Properties();
    login.put("user", role);
    login.put("password", "secret");
    return bench.database().connect(login);
  }

  private static int pid(Connection session) throws SQLException {
    try (var statement = session.createStatement();
        var rows = statement.executeQuery("select pg_backend_pid()")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}

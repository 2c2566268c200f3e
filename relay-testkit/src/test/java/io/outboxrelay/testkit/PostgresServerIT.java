package io.outboxrelay.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PostgresServerIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.builder().setting("commit_delay", 1000).start();
  }

  @AfterAll
  static void close() {
    server.close();
  }

  @Test
  void saysItsVersionAndWhereItComesFrom() {
    assertThat(server.origin()).matches("PostgreSQL \\d+\\.\\d+.*, .+");
  }

  @Test
  void everyDatabaseIsFreshAndGoneWhenClosed() throws Exception {
    var first = server.createDatabase();
    try (var second = server.createDatabase()) {
      first.execute("create table orders (id int)");
      assertThat(second.name()).isNotEqualTo(first.name());
      assertThat(second.uri()).endsWith("@127.0.0.1:" + server.port() + "/" + second.name());
      second.execute("create table orders (id int)");
    }
    try (var open = first.connect()) {
      first.close();
      assertThat(open.isValid(5)).isFalse();
    }
    assertThatThrownBy(first::connect).hasMessageContaining("does not exist");
  }

  @Test
  void appliesSettingsAndWritesDurably() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    assertThat(show("commit_delay")).isEqualTo("1000");
    assertThat(show("fsync")).isEqualTo("on");
    assertThat(show("max_prepared_transactions")).isEqualTo("10");
  }

  @Test
  void refusesAWrongPassword() {
    var wrong = new Properties();
    wrong.setProperty("password", "wrong");
    assertThatThrownBy(() -> new TestDatabase(server, "postgres").connect(wrong))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void showsItsCertificateToEachTlsClient() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var verified = new Properties();
    verified.setProperty("sslmode", "verify-full");
    verified.setProperty("sslrootcert", server.certificate().toString());
    try (var connection = new TestDatabase(server, "postgres").connect(verified);
        var ssl =
            connection
                .createStatement()
                .executeQuery("select ssl from pg_stat_ssl where pid = pg_backend_pid()")) {
      ssl.next();
      assertThat(ssl.getBoolean(1)).isTrue();
    }
  }

  @Nested
  class WhenItIsBroken {
    private TestDatabase database;

    @BeforeEach
    void writeARow() throws SQLException {
      assumeTrue(server.controllable(), server.origin());
      database = server.createDatabase();
      database.execute("create table orders (id int); insert into orders values (42)");
    }

    @Test
    void aKilledServerRestartsOnTheSamePortWithItsData() throws Exception {
      try (var connection = database.connect()) {
        server.kill();
        assertThatThrownBy(() -> connection.createStatement().execute("select 1"))
            .isInstanceOf(SQLException.class);
        assertThatThrownBy(database::connect).hasMessageContaining("refused");
      }
      server.restart();
      assertThat(orders()).isEqualTo(42);
    }

    @Test
    void aStoppedServerRestartsWithItsDataThoughAClientWasConnected() throws Exception {
      try (var connection = database.connect()) {
        assertThat(connection.isValid(5)).isTrue();
        server.stop();
      }
      server.restart();
      assertThat(orders()).isEqualTo(42);
    }

    @Test
    void aRunningServerRestartsToo() throws Exception {
      server.restart();
      assertThat(orders()).isEqualTo(42);
    }

    @Test
    void aPausedServerAnswersNothingUntilItResumes() throws Exception {
      try (var connection = database.connect()) {
        server.pause();
        var answer =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return connection.createStatement().execute("select 1");
                  } catch (SQLException e) {
                    throw new IllegalStateException(e);
                  }
                });
        assertThat(answer).failsWithin(1, SECONDS);
        server.resume();
        assertThat(answer).succeedsWithin(10, SECONDS);
      }
      assertThat(orders()).isEqualTo(42);
    }

    private int orders() throws SQLException {
      try (var connection = database.connect();
          var rows = connection.createStatement().executeQuery("select id from orders")) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  private static String show(String setting) throws SQLException {
    try (var connection = new TestDatabase(server, "postgres").connect();
        var value = connection.createStatement().executeQuery("show " + setting)) {
      value.next();
      return value.getString(1);
    }
  }
}

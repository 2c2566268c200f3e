package io.outboxrelay.database;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseIT {
  private static final PostgresServer SERVER = PostgresServer.shared();

  /** A name that leads to the server, but is in no certificate. */
  private static final String OTHER_NAME = "db.example";

  private static Vertx vertx;

  private final Map<String, Object> settings =
      new HashMap<>(
          Map.of(
              "database.uri", SERVER.uri("postgres"),
              "database.password", SERVER.password()));

  @BeforeAll
  static void startVertx() {
    var hosts = Buffer.buffer("127.0.0.1 localhost\n127.0.0.1 " + OTHER_NAME + "\n");
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setAddressResolverOptions(new AddressResolverOptions().setHostsValue(hosts)));
  }

  @AfterAll
  static void closeVertx() throws TimeoutException {
    vertx.close().await(60, SECONDS);
  }

  @Test
  void namesItselfAndPassesParametersOn() throws Exception {
    settings.put("database.properties.statement_timeout", "7s");
    assertThat(ask("select current_setting('application_name')")).isEqualTo("outbox-relay");
    assertThat(ask("select current_setting('statement_timeout')")).isEqualTo("7s");
  }

  @Test
  void letsTheServerNoticeSoonThatTheRelayIsGone() throws Exception {
    assertThat(ask("select current_setting('tcp_keepalives_idle')")).isEqualTo("10");
    assertThat(ask("select current_setting('tcp_user_timeout')")).isEqualTo("30000");
    settings.put("database.properties.tcp_keepalives_idle", "77");
    assertThat(ask("select current_setting('tcp_keepalives_idle')")).isEqualTo("77");
  }

  /** The server returns the values that are in force on its sockets. */
  @Test
  void boundsTheSilenceOfAnOwnersHost() throws Exception {
    var database = Database.create(vertx, config());
    String bounds =
        database
            .connect()
            .compose(
                connection ->
                    ServerKeepalive.bound(connection, Duration.ofSeconds(20)).map(connection))
            .compose(
                connection ->
                    connection
                        .query(
                            """
                            select concat_ws(' ', current_setting('tcp_keepalives_idle'),
                              current_setting('tcp_keepalives_interval'),
                              current_setting('tcp_keepalives_count'),
                              current_setting('tcp_user_timeout'))
                            """)
                        .execute()
                        .map(rows -> rows.iterator().next().getString(0)))
            .eventually(database::close)
            .await(20, SECONDS);

    assertThat(bounds).isEqualTo("11 3 3 20000");
  }

  /** The statement of a look has 4,000 characters, and planning it costs more than the look. */
  @Test
  void preparesAStatementOnceHoweverLongItIs() throws Exception {
    String text = "select 1 -- " + "long ".repeat(2_000);
    var database = Database.create(vertx, config());
    long prepared =
        database
            .connect()
            .compose(
                connection ->
                    connection
                        .preparedQuery(text)
                        .execute()
                        .compose(first -> connection.preparedQuery(text).execute())
                        .compose(
                            second ->
                                connection
                                    .query(
                                        "select count(*) from pg_prepared_statements"
                                            + " where length(statement) > 10000")
                                    .execute())
                        .map(rows -> rows.iterator().next().getLong(0))
                        .eventually(connection::close))
            .eventually(database::close)
            .await(20, SECONDS);
    assertThat(prepared).isEqualTo(1);
  }

  /**
   * Administrators set such values for the database or for the role, for the benefit of
   * applications.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "statement_timeout | 5s | 0",
        "lock_timeout | 5s | 0",
        "transaction_timeout | 5s | 0",
        "idle_session_timeout | 5s | 0",
        "idle_in_transaction_session_timeout | 5s | 0",
        "default_transaction_isolation | serializable | read committed",
        "default_transaction_isolation | repeatable read | read committed",
        "default_transaction_deferrable | on | off",
        "row_security | on | off",
        "search_path | nowhere | pg_catalog, pg_temp",
        "TimeZone | Asia/Kathmandu | UTC",
        "DateStyle | German | ISO, MDY",
        "IntervalStyle | sql_standard | postgres",
        "bytea_output | escape | hex",
        "extra_float_digits | -5 | 1",
        "quote_all_identifiers | on | off",
        "array_nulls | off | on",
        "transform_null_equals | on | off",
        "standard_conforming_strings | off | on"
      })
  void isNotBoundByTheSettingsOfApplications(String name, String theirs, String ours)
      throws Exception {
    try (var database = SERVER.createDatabase()) {
      settings.put("database.uri", SERVER.uri(database.name()));
      for (String of :
          List.of(
              "database " + database.name(), "role current_user in database " + database.name())) {
        database.execute(
            "alter %s set %s = '%s'".formatted(of, name, theirs).replace("'nowhere'", "nowhere"));
        assertThat(ask("select current_setting('" + name + "')")).as(of).isEqualTo(ours);
        database.execute("alter %s reset all".formatted(of));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prefer", "require", "verify-ca", "verify-full"})
  void encryptsWhereTheModeSaysSo(String mode) throws Exception {
    settings.put("database.tls.mode", mode);
    settings.put("database.tls.ca", certificate());
    assertThat(ask("select ssl::text from pg_stat_ssl where pid = pg_backend_pid()"))
        .isEqualTo("true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"disable", "allow"})
  void doesNotEncryptWhereTheModeSaysSo(String mode) throws Exception {
    settings.put("database.tls.mode", mode);
    assertThat(ask("select ssl::text from pg_stat_ssl where pid = pg_backend_pid()"))
        .isEqualTo("false");
  }

  @Test
  void refusesACertificateOfAnUnknownAuthority() {
    assumeTrue(SERVER.controllable(), "its certificate may be a good one");
    settings.put("database.tls.mode", "verify-ca");
    assertRefused("; check database.tls");
  }

  @Test
  void checksTheHostsNameWithVerifyFullOnly() throws Exception {
    assumeTrue(SERVER.controllable(), "the names in its certificate are not known");
    settings.put("database.tls.ca", certificate());
    settings.put("database.uri", SERVER.uri("postgres").replace(SERVER.host(), OTHER_NAME));
    settings.put("database.tls.mode", "verify-ca");
    assertThat(ask("select 'in'")).isEqualTo("in");
    settings.put("database.tls.mode", "verify-full");
    assertRefused("; check database.tls");
  }

  @Test
  void tellsWhatIsRefused() {
    settings.put("database.password", "wrong");
    assertRefused("; check database.uri and database.password");
    settings.put("database.password", "");
    assertRefused("asks for a password, and none is set; set database.password or");
    settings.put("database.password", SERVER.password());
    settings.put("database.uri", SERVER.uri("no_such_database"));
    assertRefused("\"no_such_database\" does not exist; check database.uri");
    settings.put("database.uri", SERVER.uri("postgres"));
    settings.put("database.properties.no_such_parameter", "1");
    assertRefused("; check database.properties");
  }

  @Test
  void givesUpOnAServerThatTakesTheConnectionAndSaysNothing() throws Exception {
    try (var server = PostgresServer.start()) {
      assumeTrue(server.controllable(), "it cannot be paused");
      settings.put("database.uri", server.uri("postgres"));
      settings.put("database.password", server.password());
      settings.put("database.connect-timeout", "300ms");
      server.pause();
      assertThatThrownBy(() -> ask("select ''"))
          .isInstanceOf(DatabaseException.Unreachable.class)
          .hasMessageContaining("no answer within 300 ms (database.connect-timeout)");
      server.resume();
    }
  }

  @Test
  void leavesNoSocketBehindWhereAServerTakesItAndSaysNothing() throws Exception {
    try (var silent = new SilentServer()) {
      var database = database(silent, "300ms");
      assertThatThrownBy(() -> database.connect().await(20, SECONDS))
          .isInstanceOf(DatabaseException.Unreachable.class)
          .hasMessageContaining("no answer within 300 ms (database.connect-timeout)");
      silent.awaitHello();
      silent.awaitEnd();
      database.close().await(20, SECONDS);
    }
  }

  @Test
  void closesThoughAServerHasNotLetItInYet() throws Exception {
    try (var silent = new SilentServer()) {
      var database = database(silent, "1h");
      var unanswered = database.connect();
      silent.awaitHello();
      database.close().await(20, SECONDS);
      silent.awaitEnd();
      assertThatThrownBy(() -> unanswered.await(20, SECONDS))
          .isInstanceOf(DatabaseException.Unreachable.class);
    }
  }

  private Database database(SilentServer silent, String connectTimeout) {
    settings.put("database.uri", silent.uri());
    settings.put("database.connect-timeout", connectTimeout);
    return Database.create(vertx, config());
  }

  private static String certificate() {
    Path certificate = SERVER.certificate();
    return certificate.toString();
  }

  private void assertRefused(String remedy) {
    assertThatThrownBy(() -> ask("select ''"))
        .isInstanceOf(DatabaseException.Refused.class)
        .hasMessageContaining(remedy);
  }

  private String ask(String query) throws TimeoutException {
    var database = Database.create(vertx, config());
    return database
        .connect()
        .compose(
            connection ->
                connection
                    .query(query)
                    .execute()
                    .map(rows -> rows.iterator().next().getString(0))
                    .eventually(connection::close))
        .eventually(database::close)
        .await(20, SECONDS);
  }

  private DatabaseConfig config() {
    var root = Settings.of("test", settings);
    var config = DatabaseConfig.from(root);
    root.verify();
    return config;
  }
}

package io.outboxrelay.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.SslMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseConfigTest {
  @Test
  void needsNoMoreThanAUri() {
    var config = read(Map.of("uri", "postgresql://relay@db.example/app"));
    assertThat(config.summary())
        .isEqualTo("PostgreSQL at db.example:5432, database app, user relay");
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.login().password()).isEmpty();
    var options = config.toConnectOptions();
    assertThat(options.getSslMode()).isEqualTo(SslMode.PREFER);
    assertThat(options.getProperties()).containsEntry("application_name", "outbox-relay");
    assertThat(config.toTransportOptions().isTcpKeepAlive()).isTrue();
  }

  @Test
  void takesTheWholeUriApart() {
    var config =
        read(
            Map.of(
                "uri",
                "postgres://re%40lay:p@ss+w%25rd@[::1]:6543/my%20app?sslmode=disable&search_path=sales"));
    assertThat(config.user()).isEqualTo("re@lay");
    assertThat(config.login().password().orElseThrow().value()).isEqualTo("p@ss+w%rd");
    assertThat(config.servers().hosts()).containsExactly(new DatabaseHost("::1", 6543));
    assertThat(config.database()).isEqualTo("my app");
    assertThat(config.tls().mode()).isEqualTo(SslMode.DISABLE);
    assertThat(config.properties()).isEqualTo(Map.of("search_path", "sales"));
  }

  @Test
  void severalHostsAreTriedInTurnForOneThatTakesWrites() {
    var config = read(Map.of("uri", "postgresql://relay@one,[fe80::1]:6543,:5433/app"));
    assertThat(config.servers().hosts())
        .containsExactly(
            new DatabaseHost("one", 5432),
            new DatabaseHost("fe80::1", 6543),
            new DatabaseHost("localhost", 5433));
    assertThat(config.servers().target()).isEqualTo(TargetSession.READ_WRITE);
    assertThat(config.summary())
        .isEqualTo(
            "PostgreSQL at one:5432,[fe80::1]:6543,localhost:5433, database app, user relay");
    assertThat(
            read(Map.of("uri", "postgresql://relay@one,two/app?target_session_attrs=any"))
                .servers()
                .target())
        .isEqualTo(TargetSession.ANY);
    assertThat(
            read(Map.of("uri", "postgresql://relay@one/app?target_session_attrs=primary"))
                .servers()
                .target())
        .isEqualTo(TargetSession.PRIMARY);
    assertThat(read(Map.of("uri", URI)).servers().target()).isEqualTo(TargetSession.ANY);
  }

  @Test
  void ownSettingsWinOverTheUrisParameters() {
    var config =
        read(
            Map.of(
                "uri", "postgresql://relay@db/app?sslmode=disable&application_name=one",
                "tls", Map.of("mode", "require"),
                "properties", Map.of("application_name", "two")));
    assertThat(config.tls().mode()).isEqualTo(SslMode.REQUIRE);
    assertThat(config.toConnectOptions().getProperties()).containsEntry("application_name", "two");
  }

  @Test
  void checksTheCertificateAndTheHostsNameWhereAskedTo(@TempDir Path folder) throws Exception {
    Path ca = Files.writeString(folder.resolve("ca.pem"), "PEM");
    var tls = Map.of("mode", "verify-full", "ca", ca.toString());
    var ssl = read(Map.of("uri", URI, "tls", tls)).toConnectOptions().getSslOptions();
    assertThat(ssl.isTrustAll()).isFalse();
    assertThat(ssl.getHostnameVerificationAlgorithm()).isEqualTo("HTTPS");
    assertThat(((PemTrustOptions) ssl.getTrustOptions()).getCertValues())
        .containsExactly(Buffer.buffer("PEM"));
  }

  @Test
  void verifiesAgainstJavasOwnAuthoritiesWithoutACa() {
    var tls = Map.of("mode", "verify-ca");
    var ssl = read(Map.of("uri", URI, "tls", tls)).toConnectOptions().getSslOptions();
    assertThat(ssl.isTrustAll()).isFalse();
    assertThat(ssl.getTrustOptions()).isNotNull();
  }

  @Test
  void saysWhatIsWrongWithAUri() {
    assertMistake("postgresql://relay@db", "names no database; write postgresql://user@host");
    assertMistake("postgresql://db/app", "names no user; write postgresql://user@host");
    assertMistake("mysql://relay@db/app", "is not the address of a PostgreSQL database");
    assertMistake(
        "postgresql://relay@one,,two/app", "names several hosts, and one of them is empty");
    assertMistake("postgresql://relay@a:b,two/app", "several hosts separated by commas");
    assertMistake("postgresql://relay@a/app?target_session_attrs=standby", "needs the primary");
    assertMistake("postgresql://relay@a/app?target_session_attrs=prefer-standby", "can do nothing");
    assertMistake("postgresql://relay@a/app?target_session_attrs=x", "any, read-write, primary");
    assertMistake("postgresql://relay@db:99999/app", "has the port 99999; write one from 1");
    assertMistake("postgresql://relay@db/app?sslmode=on", "an sslmode that is not one of disable");
    assertMistake("postgresql://relay@db/app?sslrootcert=x", "set database.tls.ca");
    assertMistake("postgresql://relay@db/app?work_mem=1", "set run-time parameters");
    assertMistake("postgresql://relay@db/app?work_mem", "has a parameter that is not name=value");
    assertMistake("postgresql://re%zzlay@db/app", "write %25 for a % itself");
  }

  @Test
  void neverPrintsAPassword() {
    for (String uri :
        new String[] {
          "postgresql://relay:s3cret@one,,two/app",
          "postgresql://relay:s3c%ret@db/app",
          "postgresql://relay:s3cret@db/app?password=s3cret&nonsense",
          "postgresql://relay:s3@cr/et@db/app",
          "relay:s3cret@db"
        }) {
      assertThatThrownBy(() -> read(Map.of("uri", uri)))
          .isInstanceOf(InvalidSettingsException.class)
          .hasMessageNotContainingAny("s3", "cret");
    }
    var config = read(Map.of("uri", URI, "password", "s3cret"));
    assertThat(config.toString() + config.summary()).doesNotContain("s3cret");
  }

  @Test
  void refusesTwoPasswords() {
    assertThatThrownBy(
            () -> read(Map.of("uri", "postgresql://relay:one@db/app", "password", "two")))
        .hasMessageContaining("has a password and database.password is there too");
  }

  @Test
  void reportsAllMistakesAtOnce() {
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "connect-timeout",
                        "0ms",
                        "tls",
                        Map.of("mode", "on", "ca", "/nowhere/ca.pem", "key", "/nowhere"))))
        .hasMessage(
            """
            relay.yaml has 5 problems, so nothing was started:
              database.uri                          is missing
              database.connect-timeout = "0ms"      must be at least 1ms
              database.tls.mode = "on"              is not one of disable, allow, prefer, require, verify-ca, verify-full
              database.tls.ca = "/nowhere/ca.pem"   is not found
              database.tls.key = "/nowhere"         is not found""");
  }

  @Test
  void wantsCertificateAndKeyTogether(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("one.pem"));
    for (String given : new String[] {"certificate", "key"}) {
      var tls = Map.of(given, file.toString());
      assertThatThrownBy(() -> read(Map.of("uri", URI, "tls", tls)))
          .hasMessageContaining("is missing beside " + given);
    }
    var both = Map.of("certificate", file.toString(), "key", file.toString());
    assertThatCode(() -> read(Map.of("uri", URI, "tls", both))).doesNotThrowAnyException();
  }

  private static final String URI = "postgresql://relay@db/app";

  private static void assertMistake(String uri, String message) {
    assertThatThrownBy(() -> read(Map.of("uri", uri)))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining(message);
  }

  private static DatabaseConfig read(Map<String, ?> database) {
    var settings = Settings.of("relay.yaml", Map.of("database", database));
    var config = DatabaseConfig.from(settings);
    settings.verify();
    return config;
  }
}

package io.outboxrelay.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.Settings;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class DatabaseExceptionTest {
  private static final DatabaseConfig CONFIG =
      DatabaseConfig.from(
          Settings.of(
              "relay.yaml", Map.of("database", Map.of("uri", "postgresql://relay:pw@db/app"))));

  @Test
  void aServerThatIsNotThereIsTriedAgain() {
    assertThat(DatabaseException.of(CONFIG, new ConnectException("Connection refused")))
        .isInstanceOf(DatabaseException.Unreachable.class)
        .hasMessage(
            "PostgreSQL at db:5432, database app, user relay cannot be reached: Connection refused");
    assertThat(
            DatabaseException.of(
                CONFIG,
                new ConnectException(
                    "finishConnect(..) failed with error(-111): Connection refused: db:5432")))
        .hasMessageEndingWith(" user relay cannot be reached: Connection refused: db:5432");
    assertThat(answer("57P03", "the database system is starting up"))
        .isInstanceOf(DatabaseException.Unreachable.class);
    assertThat(answer("53300", "too many clients already"))
        .isInstanceOf(DatabaseException.Unreachable.class);
  }

  @Test
  void failuresThatAnOperatorMustCorrectNameTheRemedy() {
    assertThat(answer("28P01", "password authentication failed for user \"relay\""))
        .isInstanceOf(DatabaseException.Refused.class)
        .hasMessage(
            "PostgreSQL at db:5432, database app, user relay says: password authentication failed"
                + " for user \"relay\"; check database.uri and database.password");
    assertThat(answer("42P01", "relation does not exist")).hasMessageContaining("; run init");
    assertThat(answer("42501", "permission denied")).hasMessageContaining("; run check");
  }

  @Test
  void aRunTimeParameterIsToBlameWhenConnectingOnly() {
    var unknown = new PgException("unrecognized parameter", "FATAL", "42704", "");
    assertThat(DatabaseException.whenConnecting(CONFIG, unknown))
        .isInstanceOf(DatabaseException.Refused.class)
        .hasMessageEndingWith("unrecognized parameter; check database.properties");
    assertThat(DatabaseException.of(CONFIG, unknown)).hasMessageEndingWith("parameter");
  }

  @Test
  void anUntrustedCertificateIsRefused() {
    var handshake = new SSLHandshakeException("handshake failed");
    handshake.initCause(new CertificateException("unknown"));
    assertThat(DatabaseException.of(CONFIG, handshake))
        .isInstanceOf(DatabaseException.Refused.class)
        .hasMessageContaining("; check database.tls");
  }

  @Test
  void isNotWrappedTwice() {
    var first = DatabaseException.of(CONFIG, new ConnectException("refused"));
    assertThat(DatabaseException.of(CONFIG, first)).isSameAs(first);
  }

  private static DatabaseException answer(String state, String message) {
    return DatabaseException.of(CONFIG, new PgException(message, "FATAL", state, ""));
  }
}

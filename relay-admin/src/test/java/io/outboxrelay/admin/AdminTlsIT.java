package io.outboxrelay.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.testkit.CertificateAuthority;
import io.outboxrelay.testkit.CertificateAuthority.Issued;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Callers that a server with TLS accepts, and their names in the audit log. */
class AdminTlsIT {
  private static final String TOKEN = "a token that is long enough";
  private static final JsonObject EVERYTHING = new JsonObject().put("destination", "*");

  private static CertificateAuthority servers;
  private static CertificateAuthority operators;
  private static Issued server;
  private static Issued alice;

  private AdminServerBench bench;

  @BeforeAll
  static void certify() {
    servers = CertificateAuthority.create();
    operators = CertificateAuthority.create();
    server = servers.issue("CN=relay");
    alice = operators.issue("CN=alice,O=operations");
  }

  @AfterAll
  static void forget() {
    operators.close();
    servers.close();
  }

  @BeforeEach
  void create() throws SQLException {
    bench = new AdminServerBench();
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void aCertificateOfTheOperatorsOpensAndItsSubjectIsTheAuthor(HttpVersion version)
      throws SQLException {
    int port = started(Map.of("tls.client-ca", operators.certificate().toString()));
    var caller = caller(port, encrypted(version).setKeyCertOptions(pem(alice)));

    var paused = caller.post("/api/v1/pauses", EVERYTHING);

    assertThat(paused.status()).as(paused.body().toString()).isEqualTo(201);
    assertThat(paused.json().getString("by")).isEqualTo("CN=alice,O=operations");
    assertThat(bench.query("select actor from outbox_audit")).isEqualTo("CN=alice,O=operations");
    for (String path : new String[] {"/", "/health/live", "/metrics", "/api/v1/status"}) {
      assertThat(caller.get(path).status()).as(path).isEqualTo(200);
    }
    assertThat(caller.ask(HttpMethod.DELETE, "/api/v1/pauses/*", null).status()).isEqualTo(200);
  }

  @Test
  void aCallerWithoutCertificateAndTokenIsAskedForOne() {
    int port = started(Map.of("tls.client-ca", operators.certificate().toString()));
    var caller = caller(port, encrypted(HttpVersion.HTTP_1_1));

    var refused = caller.get("/api/v1/status");

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.error()).contains("certificate").doesNotContain("admin.token");
    var guessed = caller.with("Authorization", "Bearer " + TOKEN).get("/api/v1/status");
    assertThat(guessed.status()).isEqualTo(401);
    assertThat(guessed.error()).contains("certificate").doesNotContain("admin.token");
    assertThat(caller.get("/health/live").status()).isEqualTo(200);
    assertThat(caller.get("/metrics").status()).isEqualTo(200);
  }

  @Test
  void aCertificateOfAnotherAuthorityEndsTheHandshake() {
    int port = started(Map.of("tls.client-ca", operators.certificate().toString(), "token", TOKEN));
    var stranger = servers.issue("CN=alice,O=operations");
    var caller =
        caller(port, encrypted(HttpVersion.HTTP_1_1).setKeyCertOptions(insisting(stranger)))
            .with("Authorization", "Bearer " + TOKEN);

    assertThatThrownBy(() -> caller.get("/api/v1/status"))
        .hasMessageContaining("certificate_unknown");
  }

  @Test
  void aTokenOpensWithoutACertificate() throws SQLException {
    int port = started(Map.of("tls.client-ca", operators.certificate().toString(), "token", TOKEN));
    var caller = caller(port, encrypted(HttpVersion.HTTP_1_1));

    var asked = caller.get("/api/v1/status");
    var paused = caller.with("Authorization", "Bearer " + TOKEN).post("/api/v1/pauses", EVERYTHING);

    assertThat(asked.status()).isEqualTo(401);
    assertThat(asked.error()).contains("admin.token");
    assertThat(paused.status()).as(paused.body().toString()).isEqualTo(201);
    assertThat(paused.headers()).containsKey("strict-transport-security");
    assertThat(bench.query("select actor from outbox_audit")).isEqualTo("token");
  }

  @Test
  void ofBothTheCertificateIsTheAuthor() throws SQLException {
    int port = started(Map.of("tls.client-ca", operators.certificate().toString(), "token", TOKEN));
    var caller = caller(port, encrypted(HttpVersion.HTTP_1_1).setKeyCertOptions(pem(alice)));

    caller.with("Authorization", "Bearer wrong").post("/api/v1/pauses", EVERYTHING);

    assertThat(bench.query("select actor from outbox_audit")).isEqualTo("CN=alice,O=operations");
  }

  @Test
  void ofTheAuthoritysCertificatesOnlyTheListedOnesAreLetIn() throws SQLException {
    int port =
        started(
            Map.of(
                "tls.client-ca", operators.certificate().toString(),
                "tls.operators.alice", "cn=alice, o=operations",
                "tls.read-only.bob", "CN=bob"));
    var eve = operators.issue("CN=eve");
    var bob = operators.issue("CN=bob");

    var let = caller(port, encrypted(HttpVersion.HTTP_1_1).setKeyCertOptions(pem(alice)));
    var looking = caller(port, encrypted(HttpVersion.HTTP_1_1).setKeyCertOptions(pem(bob)));
    var other = caller(port, encrypted(HttpVersion.HTTP_1_1).setKeyCertOptions(pem(eve)));

    assertThat(let.post("/api/v1/pauses", EVERYTHING).status()).isEqualTo(201);
    assertThat(looking.get("/api/v1/status").status()).isEqualTo(200);
    assertThat(looking.get("/api/v1/caller").json().getString("role")).isEqualTo("read-only");
    assertThat(looking.ask(HttpMethod.DELETE, "/api/v1/pauses/*", null).status()).isEqualTo(403);
    var refused = other.get("/api/v1/status");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.error()).contains("CN=eve is refused");
  }

  @Test
  void withoutEncryptionItIsNotReached() {
    int port = started(Map.of("token", TOKEN));
    assertThatThrownBy(() -> caller(port, new HttpClientOptions()).get("/health/live"))
        .isInstanceOf(HttpClosedException.class);
  }

  @Test
  void itsOwnPageIsLetInOverTls() {
    int port = started(Map.of("token", TOKEN));
    var caller =
        caller(port, encrypted(HttpVersion.HTTP_1_1)).with("Authorization", "Bearer " + TOKEN);
    assertThat(caller.with("Origin", "https://127.0.0.1:" + port).get("/api/v1/status").status())
        .isEqualTo(200);
    assertThat(caller.with("Origin", "https://evil.example").get("/api/v1/status").status())
        .isEqualTo(403);
  }

  private int started(Map<String, String> settings) {
    var all = new HashMap<>(settings);
    all.put("tls.certificate", server.certificate().toString());
    all.put("tls.key", server.key().toString());
    return bench.started(all).admin().port();
  }

  private Caller caller(int port, HttpClientOptions options) {
    return new Caller(bench.vertx(), port, options);
  }

  private static HttpClientOptions encrypted(HttpVersion version) {
    return new HttpClientOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setProtocolVersion(version)
        .setTrustOptions(new PemTrustOptions().addCertPath(servers.certificate().toString()));
  }

  private static PemKeyCertOptions pem(Issued issued) {
    return new PemKeyCertOptions()
        .setCertPath(issued.certificate().toString())
        .setKeyPath(issued.key().toString());
  }

  /**
   * Returns options that present the certificate also to a server that does not name its issuer.
   */
  private KeyCertOptions insisting(Issued issued) {
    try {
      var factory = pem(issued).getKeyManagerFactory(bench.vertx());
      var known = (X509KeyManager) factory.getKeyManagers()[0];
      return KeyCertOptions.wrap(new Insisting(known));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Insisting extends X509ExtendedKeyManager {
    private final X509KeyManager known;

    Insisting(X509KeyManager known) {
      this.known = known;
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
      return known.getClientAliases(type, null);
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return known.chooseClientAlias(types, null, socket);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return known.chooseClientAlias(types, null, null);
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
      return known.getServerAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return known.chooseServerAlias(type, issuers, socket);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return known.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return known.getPrivateKey(alias);
    }
  }
}

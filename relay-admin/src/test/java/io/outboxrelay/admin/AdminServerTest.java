package io.outboxrelay.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that the server accepts and refuses, for a relay that was never started. */
class AdminServerTest {
  private static final String TOKEN = "a token that is long enough";

  private Vertx vertx;
  private int port;

  @BeforeEach
  void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void closeVertx() {
    vertx.close().await();
  }

  @Test
  void healthNeedsNoTokenAndNamesEachPart() {
    var caller = start(Map.of());
    var live = caller.get("/health/live");
    assertThat(live.status()).isEqualTo(200);
    assertThat(live.json().getBoolean("healthy")).isTrue();
    var started = caller.get("/health/started");
    assertThat(started.status()).isEqualTo(503);
    assertThat(started.json().getJsonArray("components").getJsonObject(0).getString("message"))
        .contains("have not answered yet");
  }

  @Test
  void metricsNeedNoToken() {
    var answer = start(Map.of()).get("/metrics");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers())
        .containsEntry("content-type", "text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body().toString())
        .contains("# TYPE outbox_publish_latency_seconds histogram")
        .contains("outbox_relay_state{state=\"starting\"} 1.0");
  }

  @Test
  void withoutTheSettingThereIsNoApi() {
    var answer = start(Map.of()).get("/api/v1/openapi.json");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.error()).contains("admin.api: true");
  }

  @Test
  void onlyTheTokenOpens() {
    var caller = start(Map.of("api", "true", "token", TOKEN));
    assertThat(caller.get("/api/v1/openapi.json").status()).isEqualTo(401);
    var wrong = caller.with("Authorization", "Bearer " + TOKEN + "x").get("/api/v1/openapi.json");
    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.body().toString()).doesNotContain(TOKEN);
    assertThat(wrong.headers()).containsEntry("www-authenticate", "Bearer");
    var right = caller.with("Authorization", "Bearer " + TOKEN).get("/api/v1/openapi.json");
    assertThat(right.status()).isEqualTo(200);
    assertThat(right.json()).isEqualTo(OpenApiDocument.document());
  }

  @Test
  void wrongTokensAreSlowedDownAndKeepOutNoRightOne() {
    var caller = start(Map.of("api", "true", "token", TOKEN));
    for (int i = 0; i < FailedAuthLimiter.MOST; i++) {
      var wrong = caller.with("Authorization", "Bearer guess" + i).get("/api/v1/status");
      assertThat(wrong.status()).isEqualTo(401);
    }
    var slowed = caller.with("Authorization", "Bearer guess").get("/api/v1/status");
    assertThat(slowed.status()).isEqualTo(429);
    assertThat(slowed.headers()).containsKey("retry-after");
    var right = caller.with("Authorization", "Bearer " + TOKEN).get("/api/v1/openapi.json");
    assertThat(right.status()).isEqualTo(200);
    assertThat(caller.get("/metrics").body().toString())
        .contains(
            "outbox_admin_authentication_failures_total " + (FailedAuthLimiter.MOST + 1) + ".0\n");
    assertThat(caller.get("/health/live").status()).isEqualTo(200);
  }

  @Test
  void aPageOfAnotherSiteIsNotLetIn() {
    var caller = start(Map.of("api", "true"));
    assertThat(caller.get("/api/v1/openapi.json").status()).isEqualTo(200);
    var rebound = caller.with("Host", "evil.example:80").get("/api/v1/openapi.json");
    assertThat(rebound.status()).isEqualTo(403);
    var forged =
        caller
            .with("Origin", "http://evil.example")
            .post("/api/v1/pauses", new JsonObject().put("destination", "*"));
    assertThat(forged.status()).isEqualTo(403);
    var own =
        caller
            .with("Origin", "http://127.0.0.1:" + port)
            .with("Sec-Fetch-Site", "same-origin")
            .get("/api/v1/openapi.json");
    assertThat(own.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bearer", "BEARER", "Bearer"})
  void theSchemeMayBeWrittenInAnyCase(String scheme) {
    var caller = start(Map.of("api", "true", "token", TOKEN));
    assertThat(
            caller.with("Authorization", scheme + " " + TOKEN).get("/api/v1/openapi.json").status())
        .isEqualTo(200);
  }

  @Test
  void healthAndMetricsOfThisMachineAreNotReadByANameOfAnotherSite() {
    var caller = start(Map.of());
    for (String path : List.of("/metrics", "/health/live")) {
      var rebound = caller.with("Host", "evil.example:9464").get(path);
      assertThat(rebound.status()).as(path).isEqualTo(403);
      assertThat(rebound.error()).contains("127.0.0.1");
      for (String host : List.of("localhost:9464", "127.0.0.1", "[::1]:9464", "10.0.0.7:9464")) {
        assertThat(caller.with("Host", host).get(path).status()).as(host).isEqualTo(200);
      }
    }
  }

  @Test
  void whereOthersReachItTheyMayCallItByAnyName() {
    var caller = start(Map.of("host", "0.0.0.0"));
    assertThat(caller.with("Host", "relay.example:9464").get("/metrics").status()).isEqualTo(200);
  }

  @Test
  void aPartThatDoesNotRunIsToldByHealthAndVerdict() {
    var relay = relayInfo();
    relay.relay().secondary().fails("api", "it cannot be set up: a test");
    assertThat(relay.relay().ready().parts())
        .anySatisfy(part -> assertThat(part.why()).contains("a test; publishing is not affected"));
    assertThat(relay.relay().verdict().sentence()).contains("api does not run");
  }

  @Test
  void aFileOfTlsThatCannotBeUsedEndsNothing(@TempDir Path folder) throws IOException {
    Path garbage = Files.writeString(folder.resolve("x.pem"), "no certificate");
    var relayInfo = relayInfo();
    var admin =
        AdminServer.create(
            vertx,
            config(Map.of("tls.certificate", garbage.toString(), "tls.key", garbage.toString())),
            relayInfo);
    admin.start().await();
    assertThat(admin.port()).isZero();
    assertThat(relayInfo.relay().secondary().clauses())
        .singleElement()
        .asString()
        .startsWith("admin does not run: admin cannot listen on 127.0.0.1:0 (");
    admin.close().await();
  }

  @Test
  void tellsBrowsersToBeStrict() {
    var answer = start(Map.of("api", "true")).get("/health/live");
    assertThat(answer.headers())
        .containsEntry("x-content-type-options", "nosniff")
        .hasEntrySatisfying(
            "content-security-policy",
            policy -> assertThat(policy).startsWith("default-src 'none'").doesNotContain("unsafe"));
  }

  @Test
  void aPortInUseKeepsNothingFromStarting() {
    start(Map.of());
    int taken = port;
    var other = AdminServer.create(vertx, config(Map.of("port", "" + taken)), relayInfo());
    other.start().await();
    assertThat(other.port()).isZero();
    other.close().await();
  }

  private Caller start(Map<String, String> settings) {
    var admin = AdminServer.create(vertx, config(settings), relayInfo());
    admin.start().await();
    port = admin.port();
    return new Caller(vertx, port);
  }

  private static AdminConfig config(Map<String, String> given) {
    var settings = new LinkedHashMap<String, String>(Map.of("port", "0"));
    settings.putAll(given);
    var root = Settings.of("test", Map.of("admin", settings));
    var config = AdminConfig.from(root);
    root.verify();
    return config;
  }

  private RelayInfo relayInfo() {
    var root =
        Settings.of(
            "test",
            Map.of(
                "database",
                Map.of("uri", "postgresql://nobody@127.0.0.1:1/none"),
                "memory",
                Map.of("address", "memory-0:1", "destination", "none")));
    return RelayWithAdmin.info(vertx, root);
  }
}

package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A read-only caller can change nothing by any operation, and the audit log records each attempt.
 */
class RolesIT {
  private static final String BOB = "known to bob, who looks";
  private static final String ALICE = "known to alice alone";

  private AdminServerBench bench;
  private Caller caller;

  @BeforeEach
  void create() throws SQLException {
    bench = new AdminServerBench();
    caller = bench.started(Map.of("tokens.alice", ALICE, "read-only-tokens.bob", BOB)).caller();
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void aReadOnlyCallerIsRefusedByEachOperationThatChangesSomething() throws SQLException {
    var bob = caller.with("Authorization", "Bearer " + BOB);
    int refused = 0;
    for (var operation : done(OpenApiDocument.read(bench.vertx())).operations()) {
      String path = operation.getOpenAPIPath().replaceAll("\\{\\w+}", "1");
      if (!path.startsWith("/api/") || operation.getHttpMethod().equals(HttpMethod.GET)) {
        continue;
      }
      var body = operation.getRequestBody() == null ? null : Buffer.buffer("{}");
      var answer = bob.ask(operation.getHttpMethod(), path, body);
      assertThat(answer.status()).as(operation.getOperationId()).isEqualTo(403);
      assertThat(answer.error()).contains("bob has read-only access");
      refused++;
    }
    assertThat(refused).isGreaterThan(5);
    int all = Math.min(refused, FailedAuthLimiter.MOST);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query("select count(*) from outbox_audit where actor = 'bob'")
                    .equals(String.valueOf(all)));
    assertThat(bench.query("select distinct action from outbox_audit")).isEqualTo("refused");
    assertThat(bench.query("select count(*) from outbox_pause")).isEqualTo("0");
  }

  @Test
  void aReadOnlyCallerSeesEverythingAndItsRole() {
    var bob = caller.with("Authorization", "Bearer " + BOB);
    for (String path : new String[] {"status", "dead-letters", "pauses", "audit", "settings"}) {
      assertThat(bob.get("/api/v1/" + path).status()).as(path).isEqualTo(200);
    }
    assertThat(bob.get("/api/v1/caller").json())
        .isEqualTo(new JsonObject().put("name", "bob").put("role", "read-only"));
    assertThat(bob.get("/api/v1/settings").body().toString()).doesNotContain(BOB, ALICE);
    var alice = caller.with("Authorization", "Bearer " + ALICE);
    assertThat(alice.get("/api/v1/caller").json().getString("role")).isEqualTo("operator");
    var everything = new JsonObject().put("destination", "*");
    assertThat(alice.post("/api/v1/pauses", everything).status()).isEqualTo(201);
  }
}

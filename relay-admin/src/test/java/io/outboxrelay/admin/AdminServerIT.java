package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API on a real outbox. Every answer is validated against {@code openapi.yaml}. */
class AdminServerIT {
  private static final String TOKEN = "a token that is long enough";

  private AdminServerBench bench;
  private OpenAPIContract contract;
  private ResponseValidator validator;

  @BeforeEach
  void create() throws SQLException {
    bench = new AdminServerBench();
    contract = done(OpenApiDocument.read(bench.vertx()));
    validator = ResponseValidator.create(bench.vertx(), contract);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void statusTellsHowThingsStand() throws SQLException {
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 1);

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                get(post, "getStatus", "/status")
                    .getJsonObject("status")
                    .getString("state")
                    .equals("idle"));
    var status = get(post, "getStatus", "/status");
    var shard = status.getJsonArray("shards").getJsonObject(0);
    assertThat(shard.getBoolean("ledHere")).isTrue();
    assertThat(shard.getBoolean("led")).isTrue();
    assertThat(shard.getJsonObject("source").getString("current")).isEqualTo("table");
    assertThat(shard.getJsonObject("source").getString("message")).isNull();
    assertThat(status.getJsonObject("status").getString("severity")).isEqualTo("ok");
    assertThat(status.getJsonArray("destinations").getJsonObject(0).getString("state"))
        .isEqualTo("healthy");
    assertThat(status.getJsonArray("destinations").getJsonObject(0).getInteger("published"))
        .isOne();
    assertThat(status.getJsonObject("outbox").getString("database")).doesNotContain("password");
    get(post, "getHistory", "/history?seconds=60");
    var settings = get(post, "getSettings", "/settings").encode();
    assertThat(settings)
        .contains("relay.page-size")
        .doesNotContain(PostgresServer.shared().password());
    assertThat(get(post, "getOpenApi", "/openapi.json")).isEqualTo(OpenApiDocument.document());
  }

  @Test
  void aDestinationThatAcceptsNothingIsNotCalledHealthyNorItsAttemptsPublished()
      throws SQLException {
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    awaitDestination(post, 1, "healthy");

    bench.broker().fail(message -> true);
    bench.commit("a-1", 2);
    awaitDestination(post, 1, "failing", "unavailable");
    bench.broker().fail(message -> false);
    awaitDestination(post, 2, "healthy");

    bench.broker().kill();
    bench.commit("a-1", 3);
    awaitDestination(post, 2, "unavailable");
    bench.broker().restart();
    awaitDestination(post, 3, "healthy");
  }

  private void awaitDestination(AdminServerBench.Post post, int published, String... states) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var destinations = get(post, "getStatus", "/status").getJsonArray("destinations");
              assertThat(destinations).hasSize(1);
              var told = destinations.getJsonObject(0);
              assertThat(told.getString("state")).as("%s", told).isIn((Object[]) states);
              assertThat(told.getInteger("published")).as("%s", told).isEqualTo(published);
            });
  }

  @Test
  void deadLettersAreListedAndCounted() throws SQLException {
    var post = withARejectedAndABlockedEvent();
    var list = get(post, "listDeadLetters", "/dead-letters?includingBlocked=true&limit=1");
    assertThat(list.getJsonArray("items")).hasSize(1);
    long seq = list.getLong("next");
    assertThat(
            get(post, "listDeadLetters", "/dead-letters?includingBlocked=true&after=" + seq)
                .getJsonArray("items")
                .getJsonObject(0)
                .getString("state"))
        .isEqualTo("blocked");
    assertThat(list.getJsonObject("total").getInteger("rejected")).isOne();
    assertThat(list.getJsonObject("total").getInteger("blocked")).isOne();
    var path = get(post, "getStatus", "/status").getJsonObject("backlog");
    assertThat(path.getInteger("rejected")).isOne();
    assertThat(path.getInteger("blocked")).isOne();
    assertThat(path.getInteger("parkedAggregates")).isOne();
  }

  private AdminServerBench.Post withARejectedAndABlockedEvent() throws SQLException {
    bench.broker().refuse(message -> "a-1".equals(message.key()));
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    bench.commit("a-1", 2);
    await().atMost(PATIENCE).until(() -> deadLetters() == 2);
    return post;
  }

  private long rejected(AdminServerBench.Post post) {
    return get(post, "listDeadLetters", "/dead-letters")
        .getJsonArray("items")
        .getJsonObject(0)
        .getLong("seq");
  }

  @Test
  void aDeadLetterAndItsAggregateAreShown() throws SQLException {
    var post = withARejectedAndABlockedEvent();
    var parked = get(post, "listParked", "/parked").getJsonArray("items").getJsonObject(0);
    assertThat(parked.getString("aggregateId")).isEqualTo("a-1");
    assertThat(parked.getInteger("eventsBehind")).isOne();
    var shown = get(post, "getDeadLetter", "/dead-letters/" + rejected(post));
    assertThat(shown.getString("payloadFormat")).isEqualTo("json");
    assertThat(shown.getInteger("eventsBehind")).isOne();
  }

  @Test
  void aDeadLetterIsEditedAndRetriedUnlessAnotherOperatorWasFaster() throws SQLException {
    var post = withARejectedAndABlockedEvent();
    long seq = rejected(post);
    var shown = get(post, "getDeadLetter", "/dead-letters/" + seq);
    bench.broker().refuse(message -> false);
    var edit = new JsonObject().put("payload", "{\"version\": 10}").put("retry", true);
    var stale = patch(post, seq, "1", edit);
    assertThat(stale.status()).isEqualTo(409);
    assertThat(stale.error()).contains("changed by another operator");
    var edited = patch(post, seq, shown.getString("version"), edit);
    assertThat(edited.status()).as(edited.body().toString()).isEqualTo(200);
    validate("editDeadLetter", edited);

    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 2);
    await().atMost(PATIENCE).until(() -> deadLetters() == 0);
    assertThat(post.caller().get("/api/v1/dead-letters/" + seq).status()).isEqualTo(404);
    var audit = get(post, "listAudit", "/audit").getJsonArray("items");
    assertThat(audit.stream().map(auditEntry -> ((JsonObject) auditEntry).getString("action")))
        .containsExactly("retry", "edit", "edit");
    assertThat(audit.getJsonObject(2).getString("outcome")).startsWith("not done");
  }

  @Test
  void aRelayThatIsFasterThanTheAnswerDoesNotMakeARetryLookUndone() throws SQLException {
    bench.broker().refuse(message -> true);
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> deadLetters() == 1);
    done(post.relay().stop());
    bench
        .database()
        .execute(
            """
            create function published() returns trigger language plpgsql as
              'begin new.redelivery := ''done''; return new; end';
            create trigger at_once before update on outbox_dead_letter
              for each row when (new.redelivery = 'requested') execute function published();
            """);
    var shown = get(post, "getDeadLetter", "/dead-letters/1");

    var retried = patch(post, 1, shown.getString("version"), new JsonObject().put("retry", true));

    assertThat(retried.status()).as(retried.body().toString()).isEqualTo(200);
    assertThat(validate("editDeadLetter", retried).getLong("seq")).isOne();
    assertThat(deadLetters()).isZero();
  }

  @Test
  void ofTwoOperatorsOneWinsAndTheOtherIsTold() throws SQLException {
    bench.broker().refuse(message -> true);
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> deadLetters() == 1);
    done(post.relay().stop());
    var body =
        new JsonObject().put("selection", new JsonObject().put("seqs", new JsonArray(List.of(1))));

    var answers =
        Stream.of("retry", "discard")
            .map(
                auditEntry ->
                    CompletableFuture.supplyAsync(
                        () -> post.caller().post("/api/v1/dead-letters/" + auditEntry, body)))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();

    assertThat(answers).extracting(Caller.Answer::status).containsExactlyInAnyOrder(200, 409);
    answers.stream()
        .filter(answer -> answer.status() == 409)
        .forEach(answer -> assertThat(answer.error()).contains("nothing was changed"));
  }

  @Test
  void aDryRunOfEverythingChangesNothing() throws SQLException {
    bench.broker().refuse(message -> true);
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> deadLetters() == 1);
    var nobody = new JsonObject().put("selection", new JsonObject().put("all", false));
    assertThat(post.caller().post("/api/v1/dead-letters/discard", nobody).status()).isEqualTo(400);

    var body =
        new JsonObject().put("selection", new JsonObject().put("all", true)).put("dryRun", true);
    var answer = post.caller().post("/api/v1/dead-letters/discard", body);

    assertThat(validate("discardDeadLetters", answer).getInteger("done")).isOne();
    assertThat(deadLetters()).isOne();
    assertThat(bench.query("select count(*) from outbox_audit")).isEqualTo("0");
  }

  @Test
  void eventsBlockedBehindADiscardedOneArePublishedInOrder() throws SQLException {
    bench.broker().refuse(message -> text(message).contains("\"version\": 1}"));
    var post = bench.started(Map.of());
    for (int version = 1; version <= 4; version++) {
      bench.commit("a-1", version);
    }
    await().atMost(PATIENCE).until(() -> deadLetters() == 4);

    for (String field : List.of("aggregate", "all")) {
      Object value = field.equals("all") ? true : "a-1";
      var selection = new JsonObject().put(field, value);
      var dry = new JsonObject().put("selection", selection).put("dryRun", true);
      var told =
          validate("discardDeadLetters", post.caller().post("/api/v1/dead-letters/discard", dry));
      assertThat(told.getInteger("rejected")).isOne();
      assertThat(told.getInteger("blocked")).isZero();
      assertThat(told.getInteger("unblocked")).isEqualTo(3);
      assertThat(told.getString("message"))
          .isEqualTo("would give up 1 rejected event; 3 behind it would be published");
    }
    var everything = new JsonObject().put("selection", new JsonObject().put("all", true));
    var done = post.caller().post("/api/v1/dead-letters/discard", everything);
    assertThat(validate("discardDeadLetters", done).getInteger("unblocked")).isEqualTo(3);

    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 3);
    assertThat(bench.arrived().stream().map(AdminServerIT::text))
        .satisfiesExactly(
            two -> assertThat(two).contains("2"),
            three -> assertThat(three).contains("3"),
            four -> assertThat(four).contains("4"));
    await().atMost(PATIENCE).until(() -> eventStatus(post, "seq=4").equals("published"));
    assertThat(eventStatus(post, "seq=1")).isEqualTo("discarded");
  }

  private static String text(ReceivedMessage message) {
    return String.valueOf(message.payload());
  }

  @Test
  void aStandbyPausesAndResumesForTheLeader() throws SQLException {
    var leader = bench.started(Map.of());
    await().atMost(PATIENCE).until(() -> leader.relay().state() == RelayState.LEADING);
    var standby = bench.started(Map.of("token", TOKEN));
    var caller = standby.caller().with("Authorization", "Bearer " + TOKEN);

    var everything = new JsonObject().put("destination", "*").put("reason", "maintenance");
    var paused = caller.post("/api/v1/pauses", everything);
    assertThat(paused.status()).isEqualTo(201);
    assertThat(validate("pause", paused).getString("by")).isEqualTo("token");
    await().atMost(PATIENCE).until(() -> leader.relay().isPaused());
    bench.commit("a-1", 1);
    assertThat(caller.post("/api/v1/pauses", everything).status()).isEqualTo(409);
    var verdict = validate("getStatus", caller.get("/api/v1/status")).getJsonObject("status");
    assertThat(verdict.getString("state")).isEqualTo("paused");
    assertThat(verdict.getString("message")).contains("token", "maintenance");
    assertThat(bench.arrived()).isEmpty();

    var instances = validate("getInstances", caller.get("/api/v1/instances"));
    assertThat(instances.getJsonArray("items")).hasSize(2);
    assertThat(
            instances.getJsonArray("items").stream()
                .filter(one -> ((JsonObject) one).getBoolean("self")))
        .hasSize(1);

    var resumed = caller.ask(HttpMethod.DELETE, "/api/v1/pauses/*", null);
    assertThat(resumed.status()).as(resumed.body().toString()).isEqualTo(200);
    validate("resume", resumed);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 1);
    assertThat(caller.ask(HttpMethod.DELETE, "/api/v1/pauses/*", null).status()).isEqualTo(404);
    assertThat(validate("listPauses", caller.get("/api/v1/pauses")).getJsonArray("items"))
        .isEmpty();
  }

  @Test
  void aCallerHasTheNameOfItsTokenInTheAudit() {
    var tokens = Map.of("alice", "a token of alice's", "bob", "a token of bob's own");
    var post =
        bench.started(
            Map.of(
                "token",
                TOKEN,
                "tokens.alice",
                tokens.get("alice"),
                "tokens.bob",
                tokens.get("bob")));
    var alice = post.caller().with("Authorization", "Bearer " + tokens.get("alice"));
    var bob = post.caller().with("Authorization", "Bearer " + tokens.get("bob"));
    var unnamed = post.caller().with("Authorization", "Bearer " + TOKEN);

    var everything = new JsonObject().put("destination", "*");
    assertThat(validate("pause", alice.post("/api/v1/pauses", everything)).getString("by"))
        .isEqualTo("alice");
    validate("resume", bob.ask(HttpMethod.DELETE, "/api/v1/pauses/*", null));
    validate("pause", unnamed.post("/api/v1/pauses", everything));

    var audit = validate("listAudit", alice.get("/api/v1/audit")).getJsonArray("items");
    assertThat(audit.stream().map(auditEntry -> ((JsonObject) auditEntry).getString("actor")))
        .containsExactly("token", "bob", "alice");
    var settings = validate("getSettings", bob.get("/api/v1/settings")).encode();
    assertThat(settings).contains("admin.tokens.alice").doesNotContain("a token of");
    var guessed = post.caller().with("Authorization", "Bearer alice").get("/api/v1/settings");
    assertThat(guessed.status()).isEqualTo(401);
    assertThat(guessed.error()).contains("admin.tokens").doesNotContain("alice");
  }

  @Test
  void aPatternWithASlashIsResumedToo() {
    var post = bench.started(Map.of());
    var some = new JsonObject().put("destination", "orders/eu.*");
    assertThat(post.caller().post("/api/v1/pauses", some).status()).isEqualTo(201);
    var resumed = post.caller().ask(HttpMethod.DELETE, "/api/v1/pauses/orders%2Feu.*", null);
    assertThat(resumed.status()).as(resumed.body().toString()).isEqualTo(200);
  }

  @Test
  void eventsAreFoundByNumberIdAndAggregate() throws SQLException {
    bench.broker().refuse(message -> "a-2".equals(message.key()));
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    bench.commit("a-2", 1);
    bench.commit("a-2", 2);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 1 && deadLetters() == 2);

    await().atMost(PATIENCE).until(() -> eventStatus(post, "seq=1").equals("published"));
    String id = bench.query("select id from outbox where aggregate_id = 'a-1'");
    assertThat(eventStatus(post, "id=" + id)).isEqualTo("published");
    assertThat(eventStatus(post, "seq=2")).isEqualTo("rejected");
    assertThat(eventStatus(post, "aggregate=a-2")).isEqualTo("blocked");
    assertThat(eventStatus(post, "seq=4711")).isEqualTo("unknown");
    assertThat(post.caller().get("/api/v1/events?seq=1&aggregate=a-1").status()).isEqualTo(400);
  }

  @Test
  void replaysAreAskedForAndCancelled() throws SQLException {
    var post = bench.started(Map.of());
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 1);
    await().atMost(PATIENCE).until(() -> eventStatus(post, "seq=1").equals("published"));

    var dry = post.caller().post("/api/v1/replays", new JsonObject().put("dryRun", true));
    assertThat(validate("startReplay", dry))
        .contains(Map.entry("matched", 1), Map.entry("firstSeq", 1), Map.entry("lastSeq", 1));
    var asked = post.caller().post("/api/v1/replays", new JsonObject().put("aggregate", "a-1"));
    assertThat(asked.status()).as(asked.body().toString()).isEqualTo(201);
    assertThat(validate("startReplay", asked))
        .contains(Map.entry("firstSeq", 1), Map.entry("lastSeq", 1));
    long id = validate("startReplay", asked).getLong("id");
    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 2);
    await()
        .atMost(PATIENCE)
        .until(() -> get(post, "getReplay", "/replays/" + id).getString("state").equals("done"));
    assertThat(get(post, "listReplays", "/replays").getJsonArray("items")).hasSize(1);
    assertThat(post.caller().ask(HttpMethod.DELETE, "/api/v1/replays/" + id, null).status())
        .isEqualTo(409);
    assertThat(post.caller().get("/api/v1/replays/99").status()).isEqualTo(404);
  }

  @Test
  void badRequestsGetASentence() {
    var caller = bench.started(Map.of()).caller();
    refused(caller.get("/api/v1/dead-letters?colour=red"), 400, "colour");
    refused(caller.get("/api/v1/dead-letters?limit=100000"), 400, "limit");
    refused(caller.get("/api/v1/dead-letters?since=yesterday"), 400, "since");
    refused(caller.get("/api/v1/dead-letters/abc"), 400, "seq");
    refused(caller.get("/api/v1/nowhere"), 404, "nowhere");
    refused(
        caller.ask(HttpMethod.POST, "/api/v1/pauses", Buffer.buffer("{\"destination\": ")),
        400,
        "JSON");
    refused(
        caller.post("/api/v1/pauses", new JsonObject().put("destination", "a").put("x", 1)),
        400,
        "x");
    refused(caller.post("/api/v1/pauses", new JsonObject()), 400, "destination");
    refused(
        caller.post("/api/v1/pauses", new JsonObject().put("destination", "x".repeat(5_000_000))),
        413,
        "larger");
    refused(
        caller.ask(HttpMethod.PATCH, "/api/v1/dead-letters/1", Buffer.buffer("{\"retry\": true}")),
        400,
        "If-Match");
  }

  @Test
  void everyOperationOfTheDocumentIsThere() {
    var caller = bench.started(Map.of()).caller();
    for (var operation : contract.operations()) {
      if (operation.getOpenAPIPath().startsWith("/api/")) {
        String path =
            operation
                .getOpenAPIPath()
                .replace("{seq}", "1")
                .replace("{id}", "1")
                .replace("{destination}", "x");
        var answer =
            caller.ask(
                operation.getHttpMethod(),
                path,
                operation.getRequestBody() == null ? null : Buffer.buffer("{}"));
        assertThat(answer.status()).as(operation.getOperationId()).isNotIn(405, 500, 501);
        validate(operation.getOperationId(), answer);
      }
    }
  }

  private static void refused(Caller.Answer answer, int status, String word) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
    assertThat(answer.error()).contains(word);
  }

  private Caller.Answer patch(
      AdminServerBench.Post post, long seq, String version, JsonObject edit) {
    return post.caller()
        .with("If-Match", '"' + version + '"')
        .ask(HttpMethod.PATCH, "/api/v1/dead-letters/" + seq, edit.toBuffer());
  }

  private String eventStatus(AdminServerBench.Post post, String query) {
    return get(post, "findEvents", "/events?" + query)
        .getJsonArray("items")
        .getJsonObject(0)
        .getString("status");
  }

  private JsonObject get(AdminServerBench.Post post, String operation, String path) {
    var answer = post.caller().get("/api/v1" + path);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return validate(operation, answer);
  }

  private JsonObject validate(String operation, Caller.Answer answer) {
    done(
        validator.validate(
            ValidatableResponse.create(answer.status(), answer.body(), "application/json"),
            operation));
    return answer.json();
  }

  private int deadLetters() throws SQLException {
    return Integer.parseInt(
        bench.query(
            "select count(*) from outbox_dead_letter where redelivery is distinct from 'done'"));
  }
}

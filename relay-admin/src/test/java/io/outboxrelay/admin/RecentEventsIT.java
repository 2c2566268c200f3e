package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Recent events and the export of dead letters through the API. Answers are validated against
 * {@code openapi.yaml}.
 */
class RecentEventsIT {
  private AdminServerBench bench;
  private ResponseValidator validator;

  @BeforeEach
  void create() throws SQLException {
    bench = new AdminServerBench();
    validator = ResponseValidator.create(bench.vertx(), done(OpenApiDocument.read(bench.vertx())));
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private JsonObject get(Caller caller, String operation, String path) {
    var answer = caller.get("/api/v1" + path);
    assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(200);
    done(
        validator.validate(
            ValidatableResponse.create(answer.status(), answer.body(), "application/json"),
            operation));
    return answer.json();
  }

  @Test
  void theLatestEventsAreToldWithTheirPlaceAtTheBroker() throws SQLException {
    var caller = bench.started(Map.of()).caller();
    bench.commit("a-1", 1);
    bench.commit("a-2", 2);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() == 2);

    var page = get(caller, "listRecentEvents", "/recent-events?limit=1");
    var latest = page.getJsonArray("items").getJsonObject(0);
    assertThat(latest.getString("aggregateId")).isEqualTo("a-2");
    assertThat(latest.getJsonObject("delivery").getString("destination"))
        .isEqualTo(bench.destination());
    var next =
        get(caller, "listRecentEvents", "/recent-events?limit=1&after=" + page.getLong("next"));
    assertThat(next.getJsonArray("items").getJsonObject(0).getString("aggregateId"))
        .isEqualTo("a-1");
    assertThat(
            get(caller, "listRecentEvents", "/recent-events?type=2&aggregate=a-2")
                .getJsonArray("items"))
        .hasSize(1);
    assertThat(
            get(caller, "listRecentEvents", "/recent-events?until=2020-01-01T00:00:00Z")
                .getJsonArray("items"))
        .isEmpty();

    var shown = get(caller, "getRecentEvent", "/recent-events/" + latest.getLong("seq"));
    assertThat(new JsonObject(shown.getString("payload")).getInteger("version")).isEqualTo(2);
    assertThat(shown.getString("payloadFormat")).isEqualTo("json");
    assertThat(caller.get("/api/v1/recent-events/99").status()).isEqualTo(404);
  }

  @Test
  void deadLettersAreGivenOutPageByPageAsOneFile() throws SQLException {
    bench.broker().refuse(message -> true);
    var caller = bench.started(Map.of()).caller();
    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                + " select 'order', 'a-' || n, '@sum', '{\"n\": 1}' from generate_series(1, 60) n");
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("60"));

    var first = get(caller, "exportDeadLetters", "/dead-letter-export?format=csv");
    var second =
        get(
            caller,
            "exportDeadLetters",
            "/dead-letter-export?format=csv&after=" + first.getLong("next"));
    assertThat(second.getLong("next")).isNull();
    String file = first.getString("text") + second.getString("text");
    assertThat(file.split("\r\n"))
        .hasSize(61)
        .filteredOn(line -> line.contains("\"'@sum\""))
        .hasSize(60);
    var lines = get(caller, "exportDeadLetters", "/dead-letter-export?aggregate=a-7");
    assertThat(new JsonObject(lines.getString("text")).getString("aggregateId")).isEqualTo("a-7");
  }

  @Test
  void allEventsAreSentAgainOnlyIfThatIsSaid() throws SQLException {
    var caller = bench.started(Map.of()).caller();
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> status(caller, 1).equals("published"));
    var nothing = caller.post("/api/v1/replays", new JsonObject().put("ratePerSecond", 5));
    assertThat(nothing.status()).isEqualTo(400);
    assertThat(nothing.error()).contains("or all");
    var both = caller.post("/api/v1/replays", new JsonObject().put("all", true).put("type", "x"));
    assertThat(both.status()).isEqualTo(400);
    var all = caller.post("/api/v1/replays", new JsonObject().put("all", true));
    assertThat(all.status()).isEqualTo(201);
  }

  @Test
  void ofHugeContentTheBeginningIsShownAndAPageOfAnExportIsBounded() throws SQLException {
    bench.broker().refuse(message -> true);
    var caller = bench.started(Map.of()).caller();
    bench
        .database()
        .execute(
            "alter table outbox alter payload set storage external,"
                + " alter headers set storage external;"
                + " alter table outbox_dead_letter alter payload set storage external,"
                + " alter headers set storage external;"
                + " insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)"
                + " select 'order', 'a-' || n, 'x', to_jsonb(repeat('x', size)),"
                + " jsonb_build_object('h', repeat('y', size)) from (values (1, 900000), (2, 10),"
                + " (3, 900000), (4, 2500000)) v (n, size)");
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("4"));
    bench.database().execute("update outbox_dead_letter set redelivery = 'done' where seq = 2");

    for (var shown :
        List.of(
            get(caller, "getDeadLetter", "/dead-letters/4"),
            get(caller, "getRecentEvent", "/recent-events/4"))) {
      assertThat(shown.getString("payload")).hasSize(2_097_152).startsWith("\"xxx");
      assertThat(shown.getLong("payloadBytes")).isEqualTo(2_500_002);
      assertThat(shown.getString("payloadIncomplete"))
          .startsWith(
              "only the first 2,097,152 of 2,500,002 bytes are here; for all of it run psql")
          .contains("payload")
          .contains("seq = 4");
      assertThat(shown.getString("headersIncomplete")).contains("select headers");
      assertThat(shown.getString("headers")).hasSize(2_097_152);
    }
    var page = get(caller, "exportDeadLetters", "/dead-letter-export");
    assertThat(page.getString("text").split("\n"))
        .hasSize(2)
        .allSatisfy(
            line -> assertThat(new JsonObject(line).getString("payloadIncomplete")).isNull());
    page = get(caller, "exportDeadLetters", "/dead-letter-export?after=" + page.getLong("next"));
    assertThat(new JsonObject(page.getString("text")).getString("payloadIncomplete"))
        .contains("2,097,152");
    assertThat(page.getLong("next")).isNull();
  }

  @Test
  void aJsonbThatIsTooLargeToBePrintedIsToldAndNotRead() throws SQLException {
    var caller = bench.started(Map.of()).caller();
    bench
        .database()
        .execute(
            "insert into outbox_dead_letter (seq, id, aggregate_type, aggregate_id, event_type,"
                + " payload, state, reason) values (7, gen_random_uuid(), 'order', 'a', 'x',"
                + " to_jsonb(repeat('x', 20000000)), 'skipped', 'too large')");
    var shown = get(caller, "getDeadLetter", "/dead-letters/7");
    assertThat(shown.getString("payload")).isNull();
    assertThat(shown.getString("payloadIncomplete"))
        .startsWith("nothing is here, because printing 20,000,0")
        .contains("select payload");
  }

  private String status(Caller caller, long seq) {
    return get(caller, "getRecentEvent", "/recent-events/" + seq).getString("status");
  }
}

package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A text parameter keeps its exact value, in each operation that takes one. */
class ParametersIT {
  private static AdminServerBench bench;
  private static Caller caller;

  /** Texts that a decoder could change or take for another type. */
  static List<String> texts() {
    return List.of(
        "a+b",
        "a b",
        "a%b",
        "a%2Bb",
        "%41",
        "\"quoted\"",
        "\"",
        "o'clock",
        "-1",
        "1.0",
        "007",
        "[1]",
        "{\"a\":1}",
        "null",
        "true",
        "two\nlines",
        "a&b=c;d",
        "a/b",
        "a//b/",
        "#?",
        "..",
        ".",
        "äöü €",
        "\ud83d\ude00");
  }

  @BeforeAll
  static void start() throws SQLException {
    bench = new AdminServerBench();
    bench.broker().refuse(message -> true);
    caller = bench.started(Map.of()).caller();
    try (var connection = bench.database().connect();
        var insert =
            connection.prepareStatement(
                "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', ?,"
                    + " ?)")) {
      for (String text : texts()) {
        insert.setString(1, text);
        insert.setString(2, text);
        insert.executeUpdate();
      }
    }
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query("select count(*) from outbox_dead_letter")
                    .equals(String.valueOf(texts().size())));
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void findsTheEventsOfExactlyThatAggregate(String text) {
    assertThat(ids(items("/events?aggregate=" + encoded(text)))).containsExactly(text);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void listsTheDeadLettersOfExactlyThatAggregateOrType(String text) {
    assertThat(ids(items("/dead-letters?aggregate=" + encoded(text)))).containsExactly(text);
    assertThat(ids(items("/dead-letters?type=" + encoded(text)))).containsExactly(text);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void anyReasonOrDestinationCanBeSought(String text) {
    for (String name : List.of("reason", "destination")) {
      var answer = caller.get("/api/v1/dead-letters?" + name + "=" + encoded(text));
      assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aPauseOfAnyNameCanBeEnded(String text) {
    var pause = new JsonObject().put("destination", text);
    assertThat(caller.post("/api/v1/pauses", pause).status()).isEqualTo(201);
    ended(text, "/api/v1/pauses?destination=" + encoded(text));

    if (!List.of(".", "..").contains(text)) {
      assertThat(caller.post("/api/v1/pauses", pause).status()).isEqualTo(201);
      ended(text, "/api/v1/pauses/" + encoded(text));
    }
  }

  private static void ended(String text, String path) {
    var answer = caller.ask(HttpMethod.DELETE, path, null);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    assertThat(answer.json().getString("destination")).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/events?aggregate=a%00b",
        "/dead-letters?aggregate=%00",
        "/dead-letters?type=%00",
        "/dead-letters?reason=%00",
        "/dead-letters?destination=%00",
        "/dead-letters?since=%00",
        "/pauses/a%00b",
        "/pauses?destination=a%00b"
      })
  void noTextHoldsTheCharacterZero(String path) {
    var method = path.startsWith("/pauses") ? HttpMethod.DELETE : HttpMethod.GET;
    refused(caller.ask(method, "/api/v1" + path, null), "U+0000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "[1]", "\"1\"", "1e2", "0x1", "+1", "", "99999999999999999999"})
  void aNumberIsInDigits(String text) {
    for (String path : List.of("/dead-letters?limit=", "/dead-letters?after=", "/events?seq=")) {
      refused(caller.get("/api/v1" + path + encoded(text)), "which is not a whole number");
    }
    if (!text.isEmpty()) {
      refused(caller.get("/api/v1/dead-letters/" + encoded(text)), "seq is '");
      refused(caller.get("/api/v1/replays/" + encoded(text)), "id is '");
    }
  }

  @Test
  void theBoundsOfTheDocumentHold() {
    refused(caller.get("/api/v1/dead-letters?limit=0"), "limit");
    refused(caller.get("/api/v1/dead-letters?limit=-1"), "limit");
    refused(caller.get("/api/v1/dead-letters?limit=1001"), "limit");
    refused(caller.get("/api/v1/dead-letters?aggregate="), "aggregate");
    refused(caller.get("/api/v1/dead-letters?aggregate=" + "a".repeat(1001)), "aggregate");
    refused(caller.get("/api/v1/dead-letters?includingBlocked=TRUE"), "neither true nor false");
    refused(caller.get("/api/v1/dead-letters?limit=1&limit=2"), "twice");
    assertThat(caller.get("/api/v1/dead-letters?after=-1").status()).isEqualTo(200);
    var wide = "\ud83d\ude00".repeat(1_000);
    assertThat(caller.get("/api/v1/dead-letters?aggregate=" + encoded(wide)).status())
        .isEqualTo(200);
  }

  @Test
  void bodiesHoldOnlyWhatTheDatabaseTakes() {
    for (String text : List.of("a\\u0000b", "\\ud800", "\\udc00x")) {
      refused(pause("{\"destination\": \"" + text + "\"}"), "U+0000");
      refused(pause("{\"destination\": \"x\", \"reason\": \"" + text + "\"}"), "U+0000");
    }
    var random = new Random(7);
    var wide = new StringBuilder();
    random.ints(1_000, 0x4e00, 0x9fff).forEach(wide::appendCodePoint);
    refused(
        caller.post("/api/v1/pauses", new JsonObject().put("destination", wide.toString())),
        "the database refuses the value");
    var edit = new JsonObject().put("headers", new JsonObject().put("a\u0000", "b"));
    refused(
        caller
            .with("If-Match", "\"1\"")
            .ask(HttpMethod.PATCH, "/api/v1/dead-letters/1", edit.toBuffer()),
        "U+0000");
    refused(
        caller.post(
            "/api/v1/dead-letters/retry",
            new JsonObject()
                .put("selection", new JsonObject().put("since", "+999999999-01-01T00:00:00Z"))),
        "");
  }

  private static Caller.Answer pause(String body) {
    return caller.ask(HttpMethod.POST, "/api/v1/pauses", Buffer.buffer(body));
  }

  private static void refused(Caller.Answer answer, String words) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
    assertThat(answer.error()).contains(words);
  }

  private static JsonArray items(String path) {
    var answer = caller.get("/api/v1" + path);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return answer.json().getJsonArray("items");
  }

  private static List<String> ids(JsonArray items) {
    return items.stream().map(item -> ((JsonObject) item).getString("aggregateId")).toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

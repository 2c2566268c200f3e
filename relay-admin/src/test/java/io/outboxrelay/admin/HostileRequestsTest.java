package io.outboxrelay.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Malformed and hostile requests. Each is answered with one sentence in JSON. */
class HostileRequestsTest {
  private static final String TOKEN = "a token that is long enough";

  private static IdleRelay relay;

  @BeforeAll
  static void start() {
    relay = IdleRelay.start(Map.of("api", "true", "token", TOKEN));
  }

  @AfterAll
  static void stop() {
    relay.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /%zz, 400",
    "GET, /api/v1/events?aggregate=%zz, 400",
    "GET, /api/v1/events?aggregate=%ff, 400",
    "GET, /health/live?%, 400",
    "GET, /nowhere, 404",
    "POST, /x, 405",
    "POST, /health/live, 405",
    "DELETE, /, 405",
    "POST, /api/v1/pauses, 401",
    "GET, /api/v1/status, 401",
  })
  void getASentence(String method, String path, int status) throws IOException {
    assertRefused(status, method + " " + path + " HTTP/1.1", "Host: 127.0.0.1");
  }

  @Test
  void anAddressThatIsTooLongGetsASentence() throws IOException {
    assertRefused(414, "GET /" + "x".repeat(20_000) + " HTTP/1.1", "Host: 127.0.0.1");
  }

  @Test
  void headersThatAreTooLongGetASentence() throws IOException {
    assertRefused(431, "GET / HTTP/1.1", "Host: 127.0.0.1", "X: " + "x".repeat(9_000));
  }

  @Test
  void noHostOrTwoOfThemAreRefused() throws IOException {
    assertRefused(400, "GET / HTTP/1.1", "Host: 127.0.0.1", "Host: evil.example");
    assertRefused(400, "GET / HTTP/1.1");
  }

  @Test
  void nothingIsHiddenBehindABodyOfUnclearLength() throws IOException {
    var lines =
        List.of(
            "POST /api/v1/pauses HTTP/1.1",
            "Host: 127.0.0.1",
            "Authorization: Bearer " + TOKEN,
            "Content-Length: 5",
            "Transfer-Encoding: chunked",
            "",
            "0",
            "",
            "GET /metrics HTTP/1.1",
            "Host: 127.0.0.1");
    try (var caller = caller(lines)) {
      assertThat(caller.rest())
          .startsWith("HTTP/1.1 411 ")
          .as("only one answer")
          .containsOnlyOnce("HTTP/1.1 ");
    }
  }

  @Test
  void clearTextIsNotUpgradedToHttp2() throws IOException {
    try (var caller = new RawCaller(relay.port())) {
      caller.send(
          "GET /health/live HTTP/1.1",
          "Host: 127.0.0.1",
          "Connection: Upgrade, HTTP2-Settings",
          "Upgrade: h2c",
          "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
          "");
      assertThat(caller.statusLine()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aBodyIsReadByNoRequestThatTakesNone() throws IOException {
    assertRefused(400, "GET /health/live HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 4194304");
    assertRefused(405, "POST /x HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 4194304");
    assertRefused(
        401, "POST /api/v1/pauses HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 4194304");
    assertRefused(
        413,
        "POST /api/v1/pauses HTTP/1.1",
        "Host: 127.0.0.1",
        "Authorization: Bearer " + TOKEN,
        "Content-Type: application/json",
        "Content-Length: 4194304");
  }

  @Test
  void onlySoManyBodiesAreReadAtATimeAndSmallOnesStillAre() throws IOException {
    var slow = new ArrayList<RawCaller>();
    try {
      for (int i = 0; i < RequestBodies.LARGE_AT_A_TIME; i++) {
        slow.add(new RawCaller(relay.port()).send(edit(RequestBodies.MOST_BYTES)).sendText("{"));
      }
      assertRefusedLines(503, List.of(edit(RequestBodies.MOST_BYTES)));
      String small = "{\"seqs\": 1}";
      assertRefusedLines(
          400,
          List.of(
              "POST /api/v1/dead-letters/retry HTTP/1.1",
              "Host: 127.0.0.1",
              "Authorization: Bearer " + TOKEN,
              "Content-Type: application/json",
              "Content-Length: " + small.length(),
              "",
              small));
    } finally {
      for (var caller : slow) {
        caller.close();
      }
    }
  }

  private static String[] edit(int length) {
    return new String[] {
      "PATCH /api/v1/dead-letters/1 HTTP/1.1",
      "Host: 127.0.0.1",
      "Authorization: Bearer " + TOKEN,
      "If-Match: \"1\"",
      "Content-Type: application/json",
      "Content-Length: " + length,
      ""
    };
  }

  private static void assertRefused(int status, String... lines) throws IOException {
    assertRefusedLines(status, List.of(lines));
  }

  private static void assertRefusedLines(int status, List<String> lines) throws IOException {
    String answer;
    try (var caller = caller(lines)) {
      answer = caller.answer();
    }
    assertThat(answer).matches("(?s)HTTP/1.[01] " + status + " .*");
    var json = new JsonObject(answer.substring(answer.indexOf('{')));
    assertThat(json.getString("error")).isNotBlank().doesNotContain("Exception");
    assertThat(answer).containsIgnoringCase("x-content-type-options: nosniff");
  }

  private static RawCaller caller(List<String> lines) throws IOException {
    var all = new ArrayList<>(lines);
    all.add(1, "Connection: close");
    all.add("");
    return new RawCaller(relay.port()).send(all.toArray(String[]::new));
  }
}

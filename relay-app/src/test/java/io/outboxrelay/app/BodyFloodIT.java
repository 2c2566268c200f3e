package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many callers send a large body except for its last byte, with and without a token. The process
 * survives, although its heap holds only a few such bodies.
 */
class BodyFloodIT {
  private static final int CALLERS = 30;
  private static final int LENGTH = 4 * 1024 * 1024;
  private static final String TOKEN = "a token that is long enough";

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  @TempDir private Path folder = Path.of("set by JUnit");

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void theRelayLivesAndPublishes() throws Exception {
    Path paper = PaperProvider.jar(folder);
    Path conf =
        Files.writeString(
            folder.resolve("relay.yaml"),
            """
            database: { uri: "%s", password: "${RELAY_DB_PASSWORD}" }
            broker: paper
            admin: { api: true, token: "%s" }
            """
                .formatted(database.uri(), TOKEN));
    var environment =
        Map.of(
            "RELAY_DB_PASSWORD",
            PostgresServer.shared().password(),
            "JDK_JAVA_OPTIONS",
            "-Xmx128m -XX:+ExitOnOutOfMemoryError");
    FatJar.runWith(paper, environment, "-conf", conf.toString(), "init").awaitExit(0).close();
    var callers = new ArrayList<Socket>();
    try (var relay = FatJar.runWith(paper, environment, "-conf", conf.toString())) {
      relay.awaitLine("leading shard 0").awaitLine("admin listens on");
      int port = port(relay);
      for (String target :
          List.of(
              "POST /x",
              "POST /health/live",
              "POST /api/v1/pauses",
              "PATCH /api/v1/dead-letters/1")) {
        for (int i = 0; i < CALLERS / 2; i++) {
          callers.add(flood(port, target, ""));
          callers.add(flood(port, target, "Authorization: Bearer " + TOKEN + "\r\n"));
        }
      }

      database.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', 'order-42', 'made')");

      relay.awaitLine("on paper: event 1 of order order-42").terminate().awaitExit(0);
      assertThat(relay.err()).doesNotContain("java.lang.OutOfMemoryError");
    } finally {
      for (var caller : callers) {
        caller.close();
      }
    }
  }

  /** Sends all but the last byte of a body; the server may close the connection earlier. */
  private static Socket flood(int port, String target, String header) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    String head =
        target
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nIf-Match: \"1\"\r\n"
            + header
            + "Content-Length: "
            + LENGTH
            + "\r\n\r\n";
    try {
      var out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      byte[] part = new byte[64 * 1024];
      for (int left = LENGTH - 1; left > 0; left -= part.length) {
        out.write(part, 0, Math.min(left, part.length));
      }
    } catch (IOException e) {
      assertThat(e.getMessage()).containsAnyOf("reset", "Broken pipe", "closed", "aborted");
    }
    return socket;
  }

  private static int port(FatJar relay) {
    var address =
        Pattern.compile("admin listens on \\S+:(\\d+)").matcher(relay.out() + relay.err());
    assertThat(address.find()).isTrue();
    return Integer.parseInt(address.group(1));
  }
}

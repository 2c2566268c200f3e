package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of the packaged jar. */
class LoggingSetupIT {
  private static final int REJECTED = 50;

  @TempDir private Path folder = Path.of("set by JUnit");
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private Path paper = Path.of("set before each");
  private Path conf = Path.of("set before each");

  @BeforeEach
  void writePaperAndConfiguration() throws Exception {
    paper = PaperProvider.jar(folder);
    conf =
        Files.writeString(
            folder.resolve("relay.yaml"),
            """
            database: { uri: "%s", password: "${RELAY_DB_PASSWORD}" }
            broker: paper
            """
                .formatted(database.uri()));
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void everyLineOfAJsonLogIsAnObjectAndNamesWhatItIsAbout() throws Exception {
    var json = Map.of("OUTBOX_RELAY_LOG_FORMAT", "json", "OUTBOX_RELAY_PAPER_ANSWER", "reject");
    var lines = rejectAndStop(json).stream().map(JsonObject::new).toList();
    assertThat(lines)
        .allSatisfy(
            line -> assertThat(line.fieldNames()).contains("time", "level", "logger", "message"));
    assertThat(line(lines, "leading shard 0").getInteger("shard")).isZero();
    var rejected = line(lines, "was rejected");
    assertThat(rejected.getString("level")).isEqualTo("WARN");
    assertThat(rejected.getInteger("shard")).isZero();
    assertThat(rejected.getLong("seq")).isPositive();
    assertThat(rejected.getString("event_id")).hasSize(36);
    assertThat(rejected.getString("aggregate_type")).isEqualTo("order");
    assertThat(rejected.getString("aggregate_id")).startsWith("order-");
    assertThat(rejected.getString("reason")).startsWith("the paper is too small for ");
    int more = lines.stream().mapToInt(line -> line.getInteger("more", 0)).sum();
    long said = lines.stream().filter(line -> message(line).contains("was rejected")).count();
    assertThat(said).as("lines of the burst").isLessThan(REJECTED / 2);
    assertThat(said + more).isEqualTo(REJECTED);
  }

  @Test
  void aBurstOfRejectionsIsALineAndOneWithACount() throws Exception {
    var said =
        rejectAndStop(Map.of("OUTBOX_RELAY_PAPER_ANSWER", "reject")).stream()
            .filter(line -> line.contains("was rejected"))
            .toList();
    assertThat(said).hasSizeBetween(2, REJECTED / 2);
    assertThat(said.get(0)).doesNotContain("more of the same");
    assertThat(said.get(said.size() - 1))
        .matches(".* WARN .*\\(and \\d+ more of the same in the last 10 s\\)");
  }

  @Test
  void theLastSentenceOfARelayIsALineOfJsonToo() throws Exception {
    try (var run = relay(Map.of("OUTBOX_RELAY_LOG_FORMAT", "json"), "run").awaitExit(3)) {
      var lines = run.err().lines().map(JsonObject::new).toList();
      assertThat(line(lines, "is not there; run the command init").getString("level"))
          .isEqualTo("ERROR");
    }
  }

  /** Returns the log until a burst of rejections and the relay have ended. */
  private List<String> rejectAndStop(Map<String, String> variables) throws Exception {
    relay(Map.of(), "init").awaitExit(0).close();
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
        select 'order', 'order-' || n, case n when %d then 'good' else 'bad' end
        from generate_series(1, %d) n
        """
            .formatted(REJECTED + 1, REJECTED + 1));
    try (var run = relay(variables, "run")) {
      run.awaitLine("on paper: event " + (REJECTED + 1)).terminate().awaitExit(0);
      return run.err().lines().filter(line -> !line.startsWith("  ")).toList();
    }
  }

  private FatJar relay(Map<String, String> variables, String command) throws Exception {
    var all = new HashMap<>(variables);
    all.put("RELAY_DB_PASSWORD", PostgresServer.shared().password());
    return FatJar.runWith(paper, all, command, "-conf", conf.toString());
  }

  private static JsonObject line(List<JsonObject> lines, String part) {
    return lines.stream().filter(line -> message(line).contains(part)).findFirst().orElseThrow();
  }

  private static String message(JsonObject line) {
    return line.getString("message");
  }
}

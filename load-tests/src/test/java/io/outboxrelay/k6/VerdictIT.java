package io.outboxrelay.k6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run with k6 passes if all promises are kept, and fails if one is broken. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class VerdictIT {
  private static final int BROKEN = 99;
  private static final Path SCRIPTS = Path.of("k6").toAbsolutePath();

  private static String k6 = "";

  @TempDir private Path folder = Path.of("set by JUnit");

  @BeforeAll
  static void findK6() throws Exception {
    var find = new ProcessBuilder(SCRIPTS.resolve("install").toString(), "--find").start();
    k6 = new String(find.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assumeTrue(find.waitFor() == 0, "k6 is not installed");
  }

  @Test
  void allIsWell() throws Exception {
    assertVerdict(written -> written, agreement(0, 0), "passed", List.of());
  }

  @Test
  void aRepeatedChangeBreaksIt() throws Exception {
    assertVerdict(
        written -> written.copy().add(2), agreement(0, 0), "failed", List.of("repeated: count==0"));
  }

  @Test
  void aLostChangeBreaksIt() throws Exception {
    assertVerdict(
        written -> JsonArray.of(1, 2, 3, 5), agreement(0, 0), "failed", List.of("lost: count==0"));
  }

  @Test
  void anOvertakenChangeBreaksIt() throws Exception {
    assertVerdict(
        written -> JsonArray.of(1, 3, 2, 4, 5),
        agreement(0, 0),
        "failed",
        List.of("overtaken: count==0"));
  }

  @Test
  void aRepeatThatCameAfterItWasVerifiedBreaksIt() throws Exception {
    assertVerdict(written -> written, agreement(1, 0), "failed", List.of("overtaken: count==0"));
  }

  @Test
  void aChangeThatIsMissingInTheEndBreaksIt() throws Exception {
    assertVerdict(written -> written, agreement(0, 1), "failed", List.of("lost: count==0"));
  }

  private static JsonObject agreement(int repeatedOrOvertaken, int skipped) {
    return JsonObject.of(
        "agree",
        repeatedOrOvertaken + skipped == 0,
        "employees",
        0,
        "differing",
        0,
        "events",
        500,
        "repeatedOrOvertaken",
        repeatedOrOvertaken,
        "skipped",
        skipped);
  }

  private void assertVerdict(
      UnaryOperator<JsonArray> history, JsonObject agreement, String verdict, List<String> broken)
      throws IOException, InterruptedException {
    int code;
    Path log = folder.resolve("k6.log");
    try (var service = new FakeService(history, agreement)) {
      var run =
          new ProcessBuilder(
              List.of(
                  k6,
                  "run",
                  "--quiet",
                  "--no-usage-report",
                  "--address",
                  "",
                  "-e",
                  "EMPLOYEES=" + service.address(),
                  "-e",
                  "REPORT=" + folder,
                  SCRIPTS.resolve("scenarios").resolve("smoke.ts").toString()));
      code = run.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    }
    var said = Files.readString(log);
    assertThat(code).as(said).isEqualTo(broken.isEmpty() ? 0 : BROKEN);
    var summary = new JsonObject(Files.readString(folder.resolve("summary.json")));
    assertThat(summary.getString("verdict")).as(said).isEqualTo(verdict);
    assertThat(summary.getJsonArray("broken")).as(said).isEqualTo(new JsonArray(broken));
  }
}

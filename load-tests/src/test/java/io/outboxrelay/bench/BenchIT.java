package io.outboxrelay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Short runs of benchmarks. The values are not checked, but each figure must be printed. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BenchIT {
  /**
   * Uses the class archive that the tests of the jar have created, if there is one, because it
   * shortens the start.
   */
  private static final String QUICK_TO_START =
      "-Xmx512m -XX:TieredStopAtLevel=1 -XX:SharedArchiveFile="
          + Path.of(System.getProperty("relay.jar")).resolveSibling("outbox-relay.jsa").normalize();

  @AfterEach
  void recordNoMore() {
    System.clearProperty("bench.profile");
  }

  @ParameterizedTest
  @CsvSource({
    "cost-kafka, cost --events 2000 --rate 200 --seconds 2 --warm-up 1, statements/event",
    "rates-kafka, 'rates --rates 0,50 --seconds 2 --warm-up 1', xids/ev",
    "saturate-kafka, saturate --backlog 2000 --seconds 2 --warm-up 1, tx/s",
    "horizon-kafka, horizon --minutes 0.05 --burst 2000 --rate 100 --seconds 2 --warm-up 1, p99 ms"
  })
  void aBenchmarkGivesEachSideItsFigures(
      String name, String command, String metric, @TempDir Path folder) throws Exception {
    run(name, command, metric, folder);
  }

  @Test
  void aProfiledOneLeavesARecordingAndAFlameGraphToo(@TempDir Path folder) throws Exception {
    var profile = folder.resolve("profile");
    System.setProperty("bench.profile", profile.toString());

    run("drain-rabbitmq", "drain --broker rabbitmq --events 2000", "events/s", folder);

    assertThat(files(profile)).anyMatch(file -> file.endsWith(".html"));
    assertThat(files(profile)).anyMatch(file -> file.endsWith(".jfr"));
  }

  private static void run(String name, String command, String metric, Path folder)
      throws Exception {
    var options = Stream.of("--rounds", "1", "--out", folder.toString(), "--jvm", QUICK_TO_START);
    var words = Stream.concat(Stream.of(command.split(" ")), options).toArray(String[]::new);

    assertThat(BenchMain.run(words)).isZero();

    var report = new JsonObject(Files.readString(folder.resolve(name + ".json")));
    assertThat(report.getString("command")).startsWith("load-tests/bench " + command);
    var cases = report.getJsonArray("cases");
    for (int i = 0; i < cases.size(); i++) {
      var medians = cases.getJsonObject(i).getJsonObject("medians");
      assertThat(medians.fieldNames()).hasSizeGreaterThanOrEqualTo(2);
    }
    assertThat(report.encode()).contains("\"" + metric + "\"");
    assertThat(files(folder)).anyMatch(file -> file.endsWith(".png"));
  }

  private static List<String> files(Path folder) throws Exception {
    try (var files = Files.list(folder)) {
      return files.map(Path::toString).toList();
    }
  }
}

package io.outboxrelay.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkReportTest {
  private static final BenchmarkMetric RATE = new BenchmarkMetric("events/s", 0);
  private static final BenchmarkMetric CPU = new BenchmarkMetric("CPU µs/event", 1);

  @Test
  void theJsonHoldsCommandMachineRoundsMediansAndRatios(@TempDir Path folder) throws Exception {
    var files = report().write(folder, List.of(RATE));

    var json = new JsonObject(Files.readString(files.get(0)));
    assertThat(json.getString("command")).isEqualTo("load-tests/bench drain --rounds 1");
    assertThat(json.getJsonObject("machine").getString("broker")).isEqualTo("Kafka");
    assertThat(json.getJsonObject("machine").getDouble("fsync of 8 KiB, median, ms")).isPositive();
    var only = json.getJsonArray("cases").getJsonObject(0);
    assertThat(only.getString("baseline")).isEqualTo("bare");
    assertThat(only.getJsonObject("medians").getJsonObject("relay").getDouble("events/s"))
        .isEqualTo(1500);
    assertThat(
            only.getJsonObject("comparedToBaseline").getJsonObject("relay").getDouble("events/s"))
        .isEqualTo(0.75);
    assertThat(only.getJsonArray("rounds").getJsonObject(0).getJsonObject("bare").getMap())
        .containsEntry("events/s", 2000.0);
  }

  @Test
  void chartsArePicturesNamedAfterTheirMetricWhereThereAreSeveral(@TempDir Path folder)
      throws Exception {
    var files = report().write(folder, List.of(RATE, CPU));

    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly("drain.json", "drain-events-s.png", "drain-CPU-s-event.png");
    assertThat(ImageIO.read(files.get(1).toFile()).getWidth()).isGreaterThan(700);
  }

  private static BenchmarkReport report() throws Exception {
    var outcome = new CaseResult("100 events", List.of("bare", "relay"));
    outcome.add(
        Map.of(
            "bare", new MeasuredFigures().with(RATE, 2000).with(CPU, 3),
            "relay", new MeasuredFigures().with(RATE, 1500).with(CPU, 4)));
    var report =
        new BenchmarkReport(
            "drain",
            "load-tests/bench drain --rounds 1",
            MachineDescription.with(Map.of("broker", "Kafka")));
    report.add(outcome);
    return report;
  }
}

package io.outboxrelay.bench.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The results of a benchmark's run, written as JSON and as charts. */
public final class BenchmarkReport {
  private final String name;
  private final String command;
  private final MachineDescription machine;
  private final List<CaseResult> outcomes = new ArrayList<>();

  /**
   * @param name the name of the files
   * @param command the command that repeats the run
   */
  public BenchmarkReport(String name, String command, MachineDescription machine) {
    this.name = name;
    this.command = command;
    this.machine = machine;
  }

  public void add(CaseResult outcome) {
    outcomes.add(outcome);
  }

  /** Writes {@code name.json} and a chart for each metric in {@code charted}; returns the files. */
  public List<Path> write(Path folder, List<BenchmarkMetric> charted) throws IOException {
    Files.createDirectories(folder);
    var files = new ArrayList<Path>();
    files.add(Files.writeString(folder.resolve(name + ".json"), json().encodePrettily() + "\n"));
    for (var metric : charted) {
      String suffix = charted.size() == 1 ? "" : "-" + metric.name().replaceAll("[^\\w]+", "-");
      files.add(
          BenchmarkChart.bars(name, metric, outcomes)
              .write(folder.resolve(name + suffix + ".png")));
    }
    return files;
  }

  JsonObject json() {
    return new JsonObject()
        .put("benchmark", name)
        .put("command", command)
        .put("at", Instant.now().toString())
        .put("machine", machine.json())
        .put("cases", new JsonArray(outcomes.stream().map(BenchmarkReport::json).toList()));
  }

  private static JsonObject json(CaseResult outcome) {
    var medians = new JsonObject();
    var compared = new JsonObject();
    for (var side : outcome.sides()) {
      var median = new JsonObject();
      var share = new JsonObject();
      for (var metric : metrics(outcome, side)) {
        put(median, metric, outcome.median(side, metric));
        put(share, metric, outcome.compared(side, metric));
      }
      medians.put(side, median);
      compared.put(side, share);
    }
    return new JsonObject()
        .put("case", outcome.title())
        .put("baseline", outcome.sides().get(0))
        .put("medians", medians)
        .put("comparedToBaseline", compared)
        .put(
            "rounds",
            new JsonArray(outcome.rounds().stream().map(BenchmarkReport::round).toList()));
  }

  private static List<BenchmarkMetric> metrics(CaseResult outcome, String side) {
    return outcome.rounds().stream()
        .map(round -> round.get(side))
        .flatMap(figures -> figures == null ? null : figures.values().keySet().stream())
        .distinct()
        .toList();
  }

  private static JsonObject round(Map<String, MeasuredFigures> round) {
    var json = new JsonObject();
    round.forEach(
        (side, figures) -> {
          var values = new JsonObject();
          figures.values().forEach((metric, value) -> values.put(metric.name(), value));
          json.put(side, values);
        });
    return json;
  }

  private static void put(JsonObject json, BenchmarkMetric metric, OptionalDouble value) {
    value.ifPresent(number -> json.put(metric.name(), number));
  }
}

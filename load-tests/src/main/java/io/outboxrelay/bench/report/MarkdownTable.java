package io.outboxrelay.bench.report;

import java.io.PrintStream;
import java.util.List;
import java.util.OptionalDouble;

/** Prints each measurement when it is done, then the medians and the comparisons. */
public final class MarkdownTable {
  private final PrintStream out;
  private final List<BenchmarkMetric> metrics;

  public MarkdownTable(PrintStream out, List<BenchmarkMetric> metrics) {
    this.out = out;
    this.metrics = List.copyOf(metrics);
  }

  void begin(String title) {
    out.printf("%n%s%n%n", title);
    line("round", "", metrics.stream().map(BenchmarkMetric::name).toList());
  }

  void row(String round, String side, MeasuredFigures figures) {
    line(round, side, metrics.stream().map(metric -> text(metric, figures.get(metric))).toList());
  }

  void end(CaseResult outcome) {
    for (var side : outcome.sides()) {
      line(
          "median",
          side,
          metrics.stream().map(metric -> text(metric, outcome.median(side, metric))).toList());
    }
    for (var side : outcome.sides().subList(1, outcome.sides().size())) {
      line(
          "compared",
          side,
          metrics.stream()
              .map(metric -> compared(metric, outcome.compared(side, metric)))
              .toList());
    }
  }

  private void line(String round, String side, List<String> cells) {
    var line = new StringBuilder("%8s  %-22s".formatted(round, side));
    for (int i = 0; i < cells.size(); i++) {
      line.append("  ").append(("%" + width(metrics.get(i)) + "s").formatted(cells.get(i)));
    }
    out.println(line.toString().stripTrailing());
  }

  private static int width(BenchmarkMetric metric) {
    return Math.max(12, metric.name().length());
  }

  private static String text(BenchmarkMetric metric, OptionalDouble value) {
    return value.isPresent() ? metric.format(value.getAsDouble()) : "–";
  }

  private static String compared(BenchmarkMetric metric, OptionalDouble value) {
    return value.isPresent() ? metric.comparison().format(metric, value.getAsDouble()) : "–";
  }
}

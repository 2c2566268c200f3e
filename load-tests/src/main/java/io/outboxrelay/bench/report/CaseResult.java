package io.outboxrelay.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The rounds of one case, such as a size of events: what each side gave in each. The first side is
 * the baseline.
 */
public final class CaseResult {
  private final String title;
  private final List<String> sides;
  private final List<Map<String, MeasuredFigures>> rounds = new ArrayList<>();

  public CaseResult(String title, List<String> sides) {
    this.title = title;
    this.sides = List.copyOf(sides);
  }

  /** Adds a round, in which each side was measured. */
  public void add(Map<String, MeasuredFigures> round) {
    rounds.add(Map.copyOf(round));
  }

  public String title() {
    return title;
  }

  public List<String> sides() {
    return sides;
  }

  List<Map<String, MeasuredFigures>> rounds() {
    return rounds;
  }

  /** What a side gave in the median of the rounds; empty where it has no such figure. */
  public OptionalDouble median(String side, BenchmarkMetric metric) {
    return median(
        rounds.stream()
            .map(round -> get(round, side, metric))
            .flatMapToDouble(OptionalDouble::stream)
            .toArray());
  }

  /**
   * What a side's figure is of the baseline's, or how far above it, in the median of the rounds.
   * Each round is compared by itself, so that a machine that changes meanwhile changes both.
   */
  public OptionalDouble compared(String side, BenchmarkMetric metric) {
    return median(
        rounds.stream()
            .map(round -> compared(round, side, metric))
            .flatMapToDouble(OptionalDouble::stream)
            .toArray());
  }

  private OptionalDouble compared(
      Map<String, MeasuredFigures> round, String side, BenchmarkMetric metric) {
    var baseline = get(round, sides.get(0), metric);
    var figure = get(round, side, metric);
    if (baseline.isEmpty() || figure.isEmpty()) {
      return OptionalDouble.empty();
    }
    double compared = metric.comparison().compare(figure.getAsDouble(), baseline.getAsDouble());
    return Double.isFinite(compared) ? OptionalDouble.of(compared) : OptionalDouble.empty();
  }

  private static OptionalDouble get(
      Map<String, MeasuredFigures> round, String side, BenchmarkMetric metric) {
    var figures = round.get(side);
    return figures == null ? OptionalDouble.empty() : figures.get(metric);
  }

  private static OptionalDouble median(double[] values) {
    var sorted = Arrays.stream(values).sorted().toArray();
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
  }
}

package io.outboxrelay.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The results of one case, such as one size of events: the figures of each side in each round. The
 * first side is the baseline.
 */
public final class CaseResult {
  private final String title;
  private final List<String> sides;
  private final List<Map<String, MeasuredFigures>> rounds = new ArrayList<>();

  public CaseResult(String title, List<String> sides) {
    this.title = title;
    this.sides = List.copyOf(sides);
  }

  /** Adds a round with the figures of each side. */
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

  /** Returns the median of a side's figures; empty if it has no such figure. */
  public OptionalDouble median(String side, BenchmarkMetric metric) {
    return median(
        rounds.stream()
            .map(round -> get(round, side, metric))
            .flatMapToDouble(OptionalDouble::stream)
            .toArray());
  }

  /**
   * Returns the median of the comparisons with the baseline, as a share or as a difference. Each
   * round is compared separately, so that a slower machine in one round affects both sides.
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

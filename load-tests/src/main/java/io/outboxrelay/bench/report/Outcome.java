package io.outboxrelay.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The rounds of one case, such as a size of events: what each side gave in each. The first side is
 * the baseline.
 */
public final class Outcome {
  private final String title;
  private final List<String> sides;
  private final List<Map<String, Figures>> rounds = new ArrayList<>();

  public Outcome(String title, List<String> sides) {
    this.title = title;
    this.sides = List.copyOf(sides);
  }

  /** Adds a round, in which each side was measured. */
  public void add(Map<String, Figures> round) {
    rounds.add(Map.copyOf(round));
  }

  public String title() {
    return title;
  }

  public List<String> sides() {
    return sides;
  }

  List<Map<String, Figures>> rounds() {
    return rounds;
  }

  /** What a side gave in the median of the rounds; empty where it has no such figure. */
  public OptionalDouble median(String side, Metric metric) {
    return median(
        rounds.stream()
            .map(round -> get(round, side, metric))
            .flatMapToDouble(OptionalDouble::stream)
            .toArray());
  }

  /**
   * How much of the baseline's a side's figure is, in the median of the rounds. Each round is
   * compared by itself, so that a machine that changes meanwhile changes both.
   */
  public OptionalDouble ratio(String side, Metric metric) {
    return median(
        rounds.stream()
            .map(round -> ratio(round, side, metric))
            .flatMapToDouble(OptionalDouble::stream)
            .toArray());
  }

  OptionalDouble ratio(Map<String, Figures> round, String side, Metric metric) {
    var baseline = get(round, sides.get(0), metric);
    var figure = get(round, side, metric);
    return baseline.isPresent() && figure.isPresent() && baseline.getAsDouble() != 0
        ? OptionalDouble.of(figure.getAsDouble() / baseline.getAsDouble())
        : OptionalDouble.empty();
  }

  static OptionalDouble get(Map<String, Figures> round, String side, Metric metric) {
    var figures = round.get(side);
    return figures == null ? OptionalDouble.empty() : figures.get(metric);
  }

  private static OptionalDouble median(double[] values) {
    var sorted = java.util.Arrays.stream(values).sorted().toArray();
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
  }
}

package io.outboxrelay.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** The figures of one measurement. */
public final class MeasuredFigures {
  private final Map<BenchmarkMetric, Double> values = new LinkedHashMap<>();

  public MeasuredFigures with(BenchmarkMetric metric, double value) {
    values.put(metric, value);
    return this;
  }

  /** Adds all figures of {@code others}. */
  public MeasuredFigures with(MeasuredFigures others) {
    values.putAll(others.values);
    return this;
  }

  /** Returns the figure, or empty if there is none for this metric. */
  public OptionalDouble get(BenchmarkMetric metric) {
    Double value = values.get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  Map<BenchmarkMetric, Double> values() {
    return values;
  }
}

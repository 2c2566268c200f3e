package io.outboxrelay.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** What one measurement gave. */
public final class MeasuredFigures {
  private final Map<BenchmarkMetric, Double> values = new LinkedHashMap<>();

  public MeasuredFigures with(BenchmarkMetric metric, double value) {
    values.put(metric, value);
    return this;
  }

  /** Empty where this side has no such figure. */
  public OptionalDouble get(BenchmarkMetric metric) {
    Double value = values.get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  Map<BenchmarkMetric, Double> values() {
    return values;
  }
}

package io.outboxrelay.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** What one measurement gave. */
public final class Figures {
  private final Map<Metric, Double> values = new LinkedHashMap<>();

  public Figures with(Metric metric, double value) {
    values.put(metric, value);
    return this;
  }

  /** Empty where this side has no such figure. */
  public OptionalDouble get(Metric metric) {
    Double value = values.get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  Map<Metric, Double> values() {
    return values;
  }
}

package io.outboxrelay.bench.report;

/** One side of a comparison, and its measurement. */
public record Contender(String name, Measurement measurement) {
  /** Measures once. The result must not depend on an earlier measurement. */
  public interface Measurement {
    MeasuredFigures measure() throws Exception;
  }
}

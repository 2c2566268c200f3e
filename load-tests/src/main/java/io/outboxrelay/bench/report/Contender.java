package io.outboxrelay.bench.report;

/** One of those that are compared, and how it is measured once. */
public record Contender(String name, Measurement measurement) {
  /** Measures once, from the beginning: what an earlier one left must not matter. */
  public interface Measurement {
    MeasuredFigures measure() throws Exception;
  }
}

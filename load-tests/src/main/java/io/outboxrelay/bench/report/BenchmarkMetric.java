package io.outboxrelay.bench.report;

import java.util.Locale;

/**
 * Something that is measured, with its unit for a name: {@code events/s}.
 *
 * @param comparison how it is compared with the baseline's
 */
public record BenchmarkMetric(String name, int decimals, Comparison comparison) {
  /** What a figure is said to be of the baseline's. */
  enum Comparison {
    SHARE {
      @Override
      double compare(double figure, double baseline) {
        return figure / baseline;
      }

      @Override
      String format(BenchmarkMetric metric, double compared) {
        return Math.round(100 * compared) + " %";
      }
    },
    DIFFERENCE {
      @Override
      double compare(double figure, double baseline) {
        return figure - baseline;
      }

      @Override
      String format(BenchmarkMetric metric, double compared) {
        return (compared >= 0 ? "+" : "") + metric.format(compared);
      }
    };

    abstract double compare(double figure, double baseline);

    abstract String format(BenchmarkMetric metric, double compared);
  }

  /** Compared as a share of the baseline's. */
  public BenchmarkMetric(String name, int decimals) {
    this(name, decimals, Comparison.SHARE);
  }

  /** Compared by how much it lies above the baseline's. */
  public static BenchmarkMetric above(String name, int decimals) {
    return new BenchmarkMetric(name, decimals, Comparison.DIFFERENCE);
  }

  String format(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}

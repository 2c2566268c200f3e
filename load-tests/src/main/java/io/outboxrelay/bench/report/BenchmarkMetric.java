package io.outboxrelay.bench.report;

import java.util.Locale;

/**
 * A measured quantity; its name contains its unit, such as {@code events/s}.
 *
 * @param comparison how a figure is compared with the baseline's
 */
public record BenchmarkMetric(String name, int decimals, Comparison comparison) {
  /** The way in which a figure is compared with the baseline's: as a share or as a difference. */
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

  /** Creates a metric that is compared as a share of the baseline's. */
  public BenchmarkMetric(String name, int decimals) {
    this(name, decimals, Comparison.SHARE);
  }

  /** Creates a metric that is compared by its difference from the baseline's. */
  public static BenchmarkMetric above(String name, int decimals) {
    return new BenchmarkMetric(name, decimals, Comparison.DIFFERENCE);
  }

  String format(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}

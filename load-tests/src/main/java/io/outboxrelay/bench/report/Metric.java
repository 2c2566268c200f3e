package io.outboxrelay.bench.report;

import java.util.Locale;

/** Something that is measured, with its unit for a name: {@code events/s}. */
public record Metric(String name, int decimals) {
  String format(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}

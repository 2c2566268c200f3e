package io.outboxrelay.status;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.outboxrelay.health.HealthReport;
import java.util.List;
import java.util.function.Supplier;

/** Exposes health and status as gauges, so that alerts can use them. */
public final class StatusGauges {
  private static final List<String> PARTS =
      List.of("startup", "database", "broker", "shards", "listener", "account");

  private StatusGauges() {}

  /**
   * Registers the gauges.
   *
   * @param readiness returns readiness as it is now
   * @param code returns the code of the status as it is now
   */
  public static void register(
      Supplier<HealthReport> readiness, Supplier<StatusCode> code, MeterRegistry registry) {
    for (String part : PARTS) {
      register(
          registry,
          "component.healthy",
          "1 if the component is healthy, as in /health/ready",
          "component",
          part,
          () -> isWell(readiness.get(), part) ? 1 : 0);
    }
    for (var state : StatusCode.values()) {
      register(
          registry,
          "relay.state",
          "1 for the present state of the relay",
          "state",
          state.word(),
          () -> code.get() == state ? 1 : 0);
    }
  }

  private static boolean isWell(HealthReport health, String name) {
    return health.parts().stream()
        .filter(part -> part.name().equals(name))
        .allMatch(HealthReport.Part::well);
  }

  private static void register(
      MeterRegistry registry,
      String name,
      String description,
      String label,
      String value,
      Supplier<Number> number) {
    Gauge.builder("outbox." + name, number)
        .description(description)
        .tag(label, value)
        .strongReference(true)
        .register(registry);
  }
}

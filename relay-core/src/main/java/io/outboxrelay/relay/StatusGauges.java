package io.outboxrelay.relay;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.outboxrelay.health.HealthReport;
import io.outboxrelay.status.StatusCode;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Exposes health and status as gauges, so that alerts can use them. */
final class StatusGauges {
  private static final List<String> PARTS =
      List.of("start", "database", "broker", "shards", "doorbell");

  private StatusGauges() {}

  static void register(Relay relay, MeterRegistry registry) {
    for (String part : PARTS) {
      register(
          registry,
          relay,
          "part.well",
          "1 where the part of the relay is well",
          "part",
          part,
          asked -> isWell(asked.ready(), part) ? 1 : 0);
    }
    for (var state : StatusCode.values()) {
      register(
          registry,
          relay,
          "verdict",
          "1 for the state that the verdict is in",
          "state",
          state.word(),
          asked -> state(asked) == state ? 1 : 0);
    }
  }

  /** Reports a relay that leads and has everything paused as paused, and not as stuck. */
  private static StatusCode state(Relay relay) {
    return relay.isPaused() ? StatusCode.PAUSED : relay.verdict().state();
  }

  private static boolean isWell(HealthReport health, String name) {
    return health.parts().stream()
        .filter(part -> part.name().equals(name))
        .allMatch(HealthReport.Part::well);
  }

  private static void register(
      MeterRegistry registry,
      Relay relay,
      String name,
      String description,
      String label,
      String value,
      ToDoubleFunction<Relay> number) {
    Gauge.builder("outbox." + name, relay, number)
        .description(description)
        .tag(label, value)
        .strongReference(true)
        .register(registry);
  }
}

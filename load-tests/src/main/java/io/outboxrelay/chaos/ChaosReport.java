package io.outboxrelay.chaos;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.TreeMap;

/** The figures and findings of a run. */
final class ChaosReport {
  private final JsonObject figures = new JsonObject();
  private final RunLog runLog;

  ChaosReport(
      ChaosOptions options,
      List<PlannedFault> schedule,
      DeliveryResult result,
      LeakCheck health,
      List<SupervisedRelay> relays,
      RunLog runLog) {
    this.runLog = runLog;
    var truth = result.expected();
    var ledger = result.arrivals();
    var breaks = result.repeats();
    figures
        .put("command", options.command())
        .put("seed", options.seed())
        .put("broker", options.setup().broker())
        .put("relays", options.setup().relays())
        .put("seconds", runLog.millis() / 1_000)
        .put("faults", schedule.size())
        .put("transactions", result.writers().transactions())
        .put("committed", truth.committed())
        .put("delivered", ledger.delivered())
        .put("dead letters", truth.parked())
        .put("aggregates parked", truth.deadLetters().size())
        .put("repeated", ledger.repeated())
        .put("repeated at most", breaks.mostRepeats(ledger))
        .put("redelivered by the broker", ledger.redelivered())
        .put("terms of leading", breaks.terms())
        .put("starts of relays", relays.stream().mapToInt(SupervisedRelay::starts).sum())
        .put("ends by themselves", relays.stream().mapToInt(SupervisedRelay::endsByItself).sum())
        .put("longest pause ms", ledger.longestPause())
        .put("live heap KiB, young", health.youngHeap())
        .put("live heap KiB, at the end", health.heap())
        .put(
            "most memory MiB", health.mostRss().values().stream().mapToLong(m -> m).max().orElse(0))
        .put("kinds of faults", kinds(schedule))
        .put("findings", new JsonArray(runLog.findings()));
  }

  private static JsonObject kinds(List<PlannedFault> schedule) {
    var counts = new TreeMap<String, Object>();
    for (var fault : schedule) {
      counts.merge(fault.kind().words(), 1, (some, one) -> (Integer) some + (Integer) one);
    }
    return new JsonObject(counts);
  }

  boolean holds() {
    return runLog.findings().isEmpty();
  }

  List<String> findings() {
    return runLog.findings();
  }

  String json() {
    return figures.encodePrettily();
  }

  /** Returns the report as text for the terminal. */
  String table() {
    var table = new StringBuilder("\n");
    figures.forEach(
        figure -> {
          if (!(figure.getValue() instanceof JsonObject
              || figure.getValue() instanceof JsonArray)) {
            table.append("%-28s %s%n".formatted(figure.getKey(), figure.getValue()));
          }
        });
    figures
        .getJsonObject("kinds of faults")
        .forEach(kind -> table.append("%6s x %s%n".formatted(kind.getValue(), kind.getKey())));
    findings().forEach(finding -> table.append("BROKEN: ").append(finding).append('\n'));
    return table.append(holds() ? "\neverything held\n" : "\nBROKEN\n").toString();
  }
}

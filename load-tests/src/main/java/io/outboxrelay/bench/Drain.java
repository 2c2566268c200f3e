package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Metric;

/** One backlog, published from its beginning as often as asked, each time to a new destination. */
final class Drain {
  /** From the first tenth on, when all is running, to the last. */
  static final Metric RATE = new Metric("events/s", 0);

  private final Stage stage;
  private final Choices choices;
  private final int events;

  Drain(Stage stage, Choices choices, int events) {
    this.stage = stage;
    this.choices = choices;
    this.events = events;
  }

  /** By the bare loop. */
  Figures bare() throws Exception {
    stage.newDestination();
    var meter = Meter.start(stage);
    try (var arrivals = Arrivals.at(stage);
        var loop = BareProcess.start(stage)) {
      return figures(arrivals, meter, loop.pid());
    }
  }

  /** By the relay, in a fresh JVM as the bare loop is. */
  Figures relay() throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var arrivals = Arrivals.at(stage);
        var relay = new RelayProcess(stage)) {
      var meter = Meter.start(stage);
      relay.run(choices.jvm, choices.settings);
      return figures(arrivals, meter, relay.pid());
    }
  }

  private Figures figures(Arrivals arrivals, Meter meter, long pid) throws Exception {
    long skip = events / 10;
    var time = arrivals.time(skip, events);
    return meter.stop(pid, events).with(RATE, (events - skip) / (time.toNanos() / 1e9));
  }
}

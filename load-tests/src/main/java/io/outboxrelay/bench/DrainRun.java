package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.util.ArrayList;

/** Publishes one backlog repeatedly from its beginning, each time to a new destination. */
final class DrainRun {
  /**
   * Measured from the end of the first tenth of the events, when everything runs, to the last
   * event.
   */
  static final BenchmarkMetric RATE = new BenchmarkMetric("events/s", 0);

  private final BenchmarkEnvironment stage;
  private final BenchmarkOptions choices;
  private final int events;

  DrainRun(BenchmarkEnvironment stage, BenchmarkOptions choices, int events) {
    this.stage = stage;
    this.choices = choices;
    this.events = events;
  }

  /** Publishes with the baseline loop. */
  MeasuredFigures bare() throws Exception {
    stage.newDestination();
    var meter = ResourceMeter.start(stage);
    try (var arrivals = DeliveredCounter.at(stage);
        var loop = BaselineProcess.start(stage)) {
      return figures(arrivals, meter, loop.pid());
    }
  }

  /** Publishes with the relay, in a new JVM like the baseline loop. */
  MeasuredFigures relay() throws Exception {
    return relay(choices.form());
  }

  /** Publishes with the relay in one of its forms, in a new JVM. */
  MeasuredFigures relay(StartForm form) throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var arrivals = DeliveredCounter.at(stage);
        var relay = new MeasuredRelayProcess(stage)) {
      var meter = ResourceMeter.start(stage);
      form.start(relay, choices.settings);
      return figures(arrivals, meter, relay.pid());
    }
  }

  /**
   * Publishes with the relay, and measures the peak of its process's memory too.
   *
   * @param peak in mebibytes
   */
  MeasuredFigures relay(BenchmarkMetric peak) throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var arrivals = DeliveredCounter.at(stage);
        var relay = new MeasuredRelayProcess(stage)) {
      var meter = ResourceMeter.start(stage);
      var settings = new ArrayList<>(choices.settings);
      settings.addAll(stage.routeSettings());
      choices.form().start(relay, settings);
      var figures = figures(arrivals, meter, relay.pid());
      return figures.with(peak, MemoryUse.peakMebibytes(relay.pid()));
    }
  }

  private MeasuredFigures figures(DeliveredCounter arrivals, ResourceMeter meter, long pid)
      throws Exception {
    long skip = events / 10;
    var time = arrivals.time(skip, events);
    return meter.stop(pid, events).with(RATE, (events - skip) / (time.toNanos() / 1e9));
  }
}

package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the rate if half of all events belong to one aggregate, and so must be published in
 * order.
 */
@Command(
    name = "hot",
    mixinStandardHelpOptions = true,
    description = "Publishes waiting events, spread evenly and with half of them on one aggregate.")
final class HotKeyCommand implements Callable<Integer> {
  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--events", defaultValue = "500000")
  int events;

  @Option(names = "--aggregates", defaultValue = "10000")
  int aggregates;

  @Option(names = "--payload", defaultValue = "256", description = "bytes of an event's payload")
  int payload;

  @Override
  public Integer call() throws Exception {
    var rounds = choices.rounds();
    try (var stage = BenchmarkEnvironment.open(choices.broker)) {
      var report = choices.report(stage);
      stage.fill(events, aggregates, payload);
      var drain = new DrainRun(stage, choices, events);
      // Warms up the broker, because a cold one would slow the first contender.
      drain.bare();
      var table =
          new MarkdownTable(
              System.out, List.of(DrainRun.RATE, ResourceMeter.PROCESS, ResourceMeter.DATABASE));
      report.add(
          rounds.of(
              String.format(
                  Locale.ROOT,
                  "%,d events, half of them on one of %,d aggregates",
                  events,
                  aggregates),
              table,
              List.of(
                  new Contender("even spread", () -> spread(stage, drain, false)),
                  new Contender("half on one", () -> spread(stage, drain, true)))));
      choices.write(report, DrainRun.RATE);
    }
    return 0;
  }

  private MeasuredFigures spread(BenchmarkEnvironment stage, DrainRun drain, boolean hot)
      throws Exception {
    stage.fill(events, aggregates, payload);
    if (hot) {
      stage.heat();
    }
    return drain.relay();
  }
}

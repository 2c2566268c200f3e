package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
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
 * Measures rate and memory with one destination and with many, and with few and many aggregates.
 * Neither number may raise the cost of an event or the memory.
 */
@Command(
    name = "destinations",
    mixinStandardHelpOptions = true,
    description =
        "Publishes waiting events to one and to many routing keys of one exchange of RabbitMQ, and"
            + " of few and many aggregates.")
final class DestinationsCommand implements Callable<Integer> {
  /** The highest resident memory of the relay's process. */
  private static final BenchmarkMetric MEMORY = new BenchmarkMetric("peak MiB", 0);

  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--events", defaultValue = "1000000")
  int events;

  @Option(names = "--destinations", defaultValue = "10000")
  int destinations;

  @Option(
      names = "--aggregates",
      defaultValue = "10000000",
      description = "as many as events at most, so raise --events with it")
  int aggregates;

  @Option(names = "--payload", defaultValue = "64", description = "bytes of an event's payload")
  int payload;

  private static final int FEW = 1_000;

  @Override
  public Integer call() throws Exception {
    choices.broker = "rabbitmq";
    var rounds = choices.rounds();
    try (var stage = BenchmarkEnvironment.open(choices.broker)) {
      var report = choices.report(stage);
      var table =
          new MarkdownTable(
              System.out,
              List.of(DrainRun.RATE, MEMORY, ResourceMeter.PROCESS, ResourceMeter.DATABASE));
      report.add(
          rounds.of(
              String.format(Locale.ROOT, "%,d events", events),
              table,
              List.of(
                  new Contender(title(1, FEW), () -> drain(stage, 1, FEW)),
                  new Contender(title(destinations, FEW), () -> drain(stage, destinations, FEW)),
                  new Contender(
                      title(destinations, aggregates),
                      () -> drain(stage, destinations, aggregates)))));
      choices.write(report, DrainRun.RATE);
    }
    return 0;
  }

  private String title(int some, int of) {
    return String.format(
        Locale.ROOT, "%,d destinations, %,d aggregates", some, Math.min(of, events));
  }

  private MeasuredFigures drain(BenchmarkEnvironment stage, int some, int of) throws Exception {
    stage.routeBy("${event_type}");
    stage.fill(events, of, payload);
    stage.spreadOverTypes(some);
    return new DrainRun(stage, choices, events).relay(MEMORY);
  }
}

package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Side;
import io.outboxrelay.bench.report.Table;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What one aggregate costs that has far more events than others, as they have to stay in order. */
@Command(
    name = "hot",
    mixinStandardHelpOptions = true,
    description = "Publishes waiting events, spread evenly and with half of them on one aggregate.")
final class HotCommand implements Callable<Integer> {
  @Mixin Choices choices = new Choices();

  @Option(names = "--events", defaultValue = "500000")
  int events;

  @Option(names = "--aggregates", defaultValue = "10000")
  int aggregates;

  @Option(names = "--payload", defaultValue = "256", description = "bytes of an event's payload")
  int payload;

  @Override
  public Integer call() throws Exception {
    var rounds = choices.rounds();
    try (var stage = Stage.open(choices.broker)) {
      var report = choices.report(stage);
      stage.fill(events, aggregates, payload);
      var drain = new Drain(stage, choices, events);
      // A broker that has just started would slow whoever comes first.
      drain.bare();
      var table = new Table(System.out, List.of(Drain.RATE, Meter.PROCESS, Meter.DATABASE));
      report.add(
          rounds.of(
              "%,d events, half of them on one of %,d aggregates".formatted(events, aggregates),
              table,
              List.of(
                  new Side("even spread", () -> spread(stage, drain, false)),
                  new Side("half on one", () -> spread(stage, drain, true)))));
      choices.write(report, Drain.RATE);
    }
    return 0;
  }

  private Figures spread(Stage stage, Drain drain, boolean hot) throws Exception {
    stage.fill(events, aggregates, payload);
    if (hot) {
      stage.heat();
    }
    return drain.relay();
  }
}

package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Metric;
import io.outboxrelay.bench.report.Side;
import io.outboxrelay.bench.report.Table;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a relay with nothing to do costs: its processor time, and the database's transactions. */
@Command(
    name = "idle",
    mixinStandardHelpOptions = true,
    description = "Lets the relay do nothing and measures what that costs.")
final class IdleCommand implements Callable<Integer> {
  private static final Metric PROCESS = new Metric("relay % of a core", 2);
  private static final Metric DATABASE = Metric.above("database % of a core", 2);
  private static final Metric TRANSACTIONS = Metric.above("transactions/s", 2);

  @Mixin Choices choices = new Choices();

  @Option(names = "--seconds", defaultValue = "30", description = "of each measurement")
  int seconds;

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(choices.broker)) {
      stage.fill(1000, 100, 256);
      var report = choices.report(stage);
      report.add(
          choices
              .rounds()
              .of(
                  "nothing to do",
                  new Table(System.out, List.of(PROCESS, DATABASE, TRANSACTIONS)),
                  List.of(
                      new Side("no relay", () -> measure(stage)),
                      new Side("relay", () -> withRelay(stage)))));
      choices.write(report, DATABASE);
    }
    return 0;
  }

  private Figures withRelay(Stage stage) throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var relay = new RelayProcess(stage);
        var arrivals = Arrivals.at(stage)) {
      relay.run(choices.jvm, choices.settings);
      arrivals.await(1000);
      // Until it has fallen asleep, and all that its start brought with it is over.
      Thread.sleep(15_000);
      var before = Cpu.of(relay.pid());
      var figures = measure(stage);
      return figures.with(PROCESS, percent(Cpu.of(relay.pid()).minus(before)));
    }
  }

  private Figures measure(Stage stage) throws Exception {
    var database = Cpu.ofDatabase(stage);
    long transactions = Books.of(stage).transactions();
    Thread.sleep(seconds * 1000L);
    return new Figures()
        .with(DATABASE, percent(Cpu.ofDatabase(stage).minus(database)))
        .with(TRANSACTIONS, (double) (Books.of(stage).transactions() - transactions) / seconds);
  }

  private double percent(Cpu spent) {
    return 100 * spent.micros() / 1e6 / seconds;
  }
}

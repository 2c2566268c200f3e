package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the cost of a relay with nothing to do: its processor time and the database's
 * transactions.
 */
@Command(
    name = "idle",
    mixinStandardHelpOptions = true,
    description = "Measures the cost of a relay that has nothing to do.")
final class IdleCommand implements Callable<Integer> {
  private static final BenchmarkMetric PROCESS = new BenchmarkMetric("relay % of a core", 2);
  private static final BenchmarkMetric DATABASE = BenchmarkMetric.above("database % of a core", 2);
  private static final BenchmarkMetric MEMORY = new BenchmarkMetric("memory MiB", 0);
  private static final BenchmarkMetric TRANSACTIONS = BenchmarkMetric.above("transactions/s", 2);

  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--seconds", defaultValue = "30", description = "of each measurement")
  int seconds;

  @Override
  public Integer call() throws Exception {
    try (var stage = BenchmarkEnvironment.open(choices.broker)) {
      stage.fill(1000, 100, 256);
      var report = choices.report(stage);
      report.add(
          choices
              .rounds()
              .of(
                  "nothing to do",
                  new MarkdownTable(System.out, List.of(PROCESS, DATABASE, TRANSACTIONS, MEMORY)),
                  sides(stage)));
      choices.write(report, DATABASE);
    }
    return 0;
  }

  private List<Contender> sides(BenchmarkEnvironment stage) {
    var sides = new ArrayList<Contender>();
    sides.add(new Contender("no relay", () -> measure(stage)));
    choices
        .forms()
        .forEach(form -> sides.add(new Contender(form.name(), () -> withRelay(stage, form))));
    return sides;
  }

  private MeasuredFigures withRelay(BenchmarkEnvironment stage, StartForm form) throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var relay = new MeasuredRelayProcess(stage);
        var arrivals = DeliveredCounter.at(stage)) {
      form.start(relay, choices.settings);
      arrivals.await(1000);
      // Waits until the work of the start is over and the relay sleeps.
      Thread.sleep(15_000);
      var before = CpuTime.of(relay.pid());
      var figures = measure(stage);
      return figures
          .with(PROCESS, percent(CpuTime.of(relay.pid()).minus(before)))
          .with(MEMORY, MemoryUse.nowMebibytes(relay.pid()));
    }
  }

  private MeasuredFigures measure(BenchmarkEnvironment stage) throws Exception {
    var database = CpuTime.ofDatabase(stage);
    long transactions = PgStatSnapshot.of(stage).transactions();
    Thread.sleep(seconds * 1000L);
    return new MeasuredFigures()
        .with(DATABASE, percent(CpuTime.ofDatabase(stage).minus(database)))
        .with(
            TRANSACTIONS,
            (double) (PgStatSnapshot.of(stage).transactions() - transactions) / seconds);
  }

  private double percent(CpuTime spent) {
    return 100 * spent.micros() / 1e6 / seconds;
  }
}

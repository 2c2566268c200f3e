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

/** Measures the time from the start of the relay's process to its first event, and its memory. */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = {
      "Time from the start of the process to the first event at the broker, processor time until",
      "then, and memory some seconds later; of the jar, and of the launcher if one is given."
    })
final class StartCommand implements Callable<Integer> {
  private static final BenchmarkMetric FIRST = new BenchmarkMetric("first event ms", 0);
  private static final BenchmarkMetric PROCESSOR = new BenchmarkMetric("CPU ms", 0);
  private static final BenchmarkMetric MEMORY = new BenchmarkMetric("memory MiB", 0);

  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Override
  public Integer call() throws Exception {
    try (var stage = BenchmarkEnvironment.open(choices.broker)) {
      stage.fill(1, 1, 256);
      var sides = new ArrayList<Contender>();
      choices
          .forms()
          .forEach(form -> sides.add(new Contender(form.name(), () -> measure(stage, form))));
      var report = choices.report(stage);
      report.add(
          choices
              .rounds()
              .of(
                  "from a start to the first event",
                  new MarkdownTable(System.out, List.of(FIRST, PROCESSOR, MEMORY)),
                  sides));
      choices.write(report, FIRST);
    }
    return 0;
  }

  private MeasuredFigures measure(BenchmarkEnvironment stage, StartForm form) throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var relay = new MeasuredRelayProcess(stage);
        var arrivals = DeliveredCounter.at(stage)) {
      long began = System.nanoTime();
      form.start(relay, choices.settings);
      arrivals.await(1);
      long first = System.nanoTime() - began;
      double spent = CpuTime.of(relay.pid()).micros();
      // Waits until the work of the start is over.
      Thread.sleep(10_000);
      return new MeasuredFigures()
          .with(FIRST, first / 1e6)
          .with(PROCESSOR, spent / 1e3)
          .with(MEMORY, MemoryUse.nowMebibytes(relay.pid()));
    }
  }
}

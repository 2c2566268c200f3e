package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the time from an event's commit to its arrival at a consumer, at a steady rate. */
@Command(
    name = "steady",
    mixinStandardHelpOptions = true,
    description = {
      "Commits at a steady rate and measures the time from commit to consumer,",
      "beside writers that send straight to the broker after their commit."
    })
final class SteadyCommand implements Callable<Integer> {
  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--rates", split = ",", defaultValue = "500,2000,5000")
  List<Integer> rates = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "10", description = "of each measurement")
  int seconds;

  @Option(
      names = "--connections",
      defaultValue = "24",
      description =
          "connections that write; if a commit takes long, few connections cannot reach a high rate")
  int connections;

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      description = "seconds not counted, at the highest rate, for each side")
  int warmUp;

  private final BenchmarkLatencies latencies = new BenchmarkLatencies();

  @Override
  public Integer call() throws Exception {
    var rounds = choices.rounds();
    try (var stage = BenchmarkEnvironment.open(choices.broker);
        var sender = DirectSender.to(stage);
        var relay = new MeasuredRelayProcess(stage);
        var consumer = stage.consume(latencies)) {
      stage.createPlain();
      var straight =
          new BenchmarkWriters(stage, BenchmarkEnvironment.PLAIN, connections, latencies)
              .afterCommit(sender::send);
      var relayed =
          new BenchmarkWriters(stage, BenchmarkEnvironment.OUTBOX, connections, latencies);
      choices.form().start(relay, choices.settings);
      int most = Collections.max(rates);
      straight.steadily(most, Duration.ofSeconds(warmUp));
      relayed.steadily(most, Duration.ofSeconds(warmUp));
      latencies.awaitAll();
      var report = choices.report(stage);
      var table =
          new MarkdownTable(
              System.out,
              List.of(
                  BenchmarkLatencies.P50,
                  BenchmarkLatencies.P99,
                  BenchmarkLatencies.LONGEST,
                  BenchmarkLatencies.EVENTS));
      for (int rate : rates) {
        report.add(
            rounds.of(
                String.format(Locale.ROOT, "commit to consumer, %,d tx/s", rate),
                table,
                List.of(
                    new Contender("straight to broker", () -> measure(straight, rate)),
                    new Contender("relay", () -> measure(relayed, rate)))));
      }
      choices.write(report, BenchmarkLatencies.P50, BenchmarkLatencies.P99);
    }
    return 0;
  }

  private MeasuredFigures measure(BenchmarkWriters writers, int rate) throws InterruptedException {
    latencies.start();
    writers.steadily(rate, Duration.ofSeconds(seconds));
    latencies.awaitAll();
    latencies.stop();
    return latencies.figures();
  }
}

package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Side;
import io.outboxrelay.bench.report.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long an event takes from its commit to a consumer, at a steady rate. */
@Command(
    name = "steady",
    mixinStandardHelpOptions = true,
    description = {
      "Commits at a steady rate and measures the time from commit to consumer,",
      "beside writers that send straight to the broker after their commit."
    })
final class SteadyCommand implements Callable<Integer> {
  @Mixin Choices choices = new Choices();

  @Option(names = "--rates", split = ",", defaultValue = "500,2000,5000")
  List<Integer> rates = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "10", description = "of each measurement")
  int seconds;

  @Option(
      names = "--connections",
      defaultValue = "24",
      description = "that write; too few cannot reach a rate where a commit takes long")
  int connections;

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      description = "seconds not counted, at the highest rate, for each side")
  int warmUp;

  private final Latencies latencies = new Latencies();

  @Override
  public Integer call() throws Exception {
    var rounds = choices.rounds();
    try (var stage = Stage.open(choices.broker);
        var sender = StraightSender.to(stage);
        var relay = new RelayProcess(stage);
        var consumer = stage.consume(latencies)) {
      stage.createPlain();
      var straight =
          new Writers(stage, Stage.PLAIN, connections, latencies).afterCommit(sender::send);
      var relayed = new Writers(stage, Stage.OUTBOX, connections, latencies);
      relay.run(choices.jvm, choices.settings);
      int most = Collections.max(rates);
      straight.steadily(most, Duration.ofSeconds(warmUp));
      relayed.steadily(most, Duration.ofSeconds(warmUp));
      latencies.awaitAll();
      var report = choices.report(stage);
      var table =
          new Table(
              System.out,
              List.of(Latencies.P50, Latencies.P99, Latencies.LONGEST, Latencies.EVENTS));
      for (int rate : rates) {
        report.add(
            rounds.of(
                "commit to consumer, %,d tx/s".formatted(rate),
                table,
                List.of(
                    new Side("straight to broker", () -> measure(straight, rate)),
                    new Side("relay", () -> measure(relayed, rate)))));
      }
      choices.write(report, Latencies.P50, Latencies.P99);
    }
    return 0;
  }

  private Figures measure(Writers writers, int rate) throws InterruptedException {
    latencies.start();
    writers.steadily(rate, Duration.ofSeconds(seconds));
    latencies.awaitAll();
    latencies.stop();
    return latencies.figures();
  }
}

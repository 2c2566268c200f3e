package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Metric;
import io.outboxrelay.bench.report.Outcome;
import io.outboxrelay.bench.report.Side;
import io.outboxrelay.bench.report.Table;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether writers keep their rate beside a relay, and whether the relay keeps up with them. */
@Command(
    name = "saturate",
    mixinStandardHelpOptions = true,
    description = {
      "Writers flat out, alone and with the relay running, first with nobody who consumes, then with a",
      "consumer in this process. Alone they write to a table like the outbox that no relay reads."
    })
final class SaturateCommand implements Callable<Integer> {
  /** Timing each event would cost the writers and the consumer too much. */
  private static final int TIMED = 16;

  static final Metric LEFT = new Metric("not yet published", 0);

  @Mixin Choices choices = new Choices();

  @Option(names = "--connections", defaultValue = "8")
  int connections;

  @Option(
      names = "--commits",
      defaultValue = "100",
      description = "how long a commit takes, in microseconds; 0 for the disk's")
  int commits;

  @Option(names = "--seconds", defaultValue = "10", description = "of each measurement")
  int seconds;

  @Option(names = "--warm-up", defaultValue = "15", description = "seconds not counted")
  int warmUp;

  @Option(
      names = "--backlog",
      defaultValue = "1000000",
      description =
          "events published before anything is measured: a service is seldom just started")
  int backlog;

  private final Latencies latencies = new Latencies(TIMED);

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(choices.broker, Commits.taking(commits));
        var relay = new RelayProcess(stage)) {
      stage.createPlain();
      relay.run(choices.jvm, choices.settings);
      stage.awaitRelay();
      var report = choices.report(stage);
      try (var consumer = stage.consume(latencies);
          var arrivals = Arrivals.at(stage, latencies)) {
        publishBacklog(stage, arrivals);
        report.add(compare(stage, arrivals, latencies, "a consumer on the same cores"));
      }
      try (var arrivals = Arrivals.at(stage)) {
        report.add(compare(stage, arrivals, new Latencies(0), "no consumer"));
      }
      choices.write(report, TaxCommand.RATE);
    }
    return 0;
  }

  private void publishBacklog(Stage stage, Arrivals arrivals) throws Exception {
    long before = arrivals.count();
    stage.add(backlog, 10_000, 256);
    arrivals.await(before + backlog);
  }

  private Outcome compare(Stage stage, Arrivals arrivals, Latencies timed, String who)
      throws Exception {
    var alone = new Writers(stage, Stage.PLAIN, connections, new Latencies(0));
    var beside = new Writers(stage, Stage.OUTBOX, connections, timed);
    beside.flatOut(Duration.ofSeconds(warmUp));
    alone.flatOut(Duration.ofSeconds(1));
    var title =
        "%d connections flat out, commits of %.2f ms, %s"
            .formatted(connections, Commits.millis(stage), who);
    var metrics = List.of(TaxCommand.RATE, Latencies.P50, Latencies.P99, LEFT);
    return choices
        .rounds()
        .of(
            title,
            new Table(System.out, metrics),
            List.of(
                new Side(
                    "writers alone", () -> new Figures().with(TaxCommand.RATE, flatOut(alone))),
                new Side("beside the relay", () -> beside(stage, arrivals, beside, timed))));
  }

  private double flatOut(Writers writers) throws InterruptedException {
    return writers.flatOut(Duration.ofSeconds(seconds));
  }

  private Figures beside(Stage stage, Arrivals arrivals, Writers writers, Latencies timed)
      throws Exception {
    long published = arrivals.count();
    long written = stage.events();
    timed.start();
    double rate = flatOut(writers);
    written = stage.events() - written;
    long left = written - (arrivals.count() - published);
    arrivals.await(published + written);
    timed.awaitAll();
    timed.stop();
    var figures = timed.figures();
    return figures.with(TaxCommand.RATE, rate).with(LEFT, (double) Math.max(0, left));
  }
}

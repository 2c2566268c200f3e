package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.CaseResult;
import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures if writers keep their rate beside a relay, and if the relay keeps up with them. */
@Command(
    name = "saturate",
    mixinStandardHelpOptions = true,
    description = {
      "Writers flat out, alone and with the relay running, first without a consumer, then with a",
      "consumer in this process. Alone they write to a table like the outbox that no relay reads."
    })
final class SaturateCommand implements Callable<Integer> {
  /**
   * One event in this many is measured, because measuring all would cost the writers and the
   * consumer too much.
   */
  private static final int TIMED = 16;

  static final BenchmarkMetric LEFT = new BenchmarkMetric("not yet published", 0);

  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--connections", defaultValue = "8")
  int connections;

  @Option(
      names = "--commits",
      defaultValue = "100",
      description = "the time of a commit in microseconds; 0 for that of the disk")
  int commits;

  @Option(names = "--seconds", defaultValue = "10", description = "of each measurement")
  int seconds;

  @Option(names = "--warm-up", defaultValue = "15", description = "seconds not counted")
  int warmUp;

  @Option(
      names = "--backlog",
      defaultValue = "1000000",
      description =
          "events published before the measurement, because a service is usually not just started")
  int backlog;

  private final BenchmarkLatencies latencies = new BenchmarkLatencies(TIMED);

  @Override
  public Integer call() throws Exception {
    try (var stage = BenchmarkEnvironment.open(choices.broker, CommitLatency.taking(commits));
        var relay = new MeasuredRelayProcess(stage)) {
      stage.createPlain();
      choices.form().start(relay, choices.settings);
      stage.awaitRelay();
      var report = choices.report(stage);
      try (var consumer = stage.consume(latencies);
          var arrivals = DeliveredCounter.at(stage, latencies)) {
        publishBacklog(stage, arrivals);
        report.add(compare(stage, arrivals, latencies, "a consumer on the same cores"));
      }
      try (var arrivals = DeliveredCounter.at(stage)) {
        report.add(compare(stage, arrivals, new BenchmarkLatencies(0), "no consumer"));
      }
      choices.write(report, WriteOverheadCommand.RATE);
    }
    return 0;
  }

  private void publishBacklog(BenchmarkEnvironment stage, DeliveredCounter arrivals)
      throws Exception {
    long before = arrivals.count();
    stage.add(backlog, 10_000, 256);
    arrivals.await(before + backlog);
  }

  private CaseResult compare(
      BenchmarkEnvironment stage, DeliveredCounter arrivals, BenchmarkLatencies timed, String who)
      throws Exception {
    var alone =
        new BenchmarkWriters(
            stage, BenchmarkEnvironment.PLAIN, connections, new BenchmarkLatencies(0));
    var beside = new BenchmarkWriters(stage, BenchmarkEnvironment.OUTBOX, connections, timed);
    beside.flatOut(Duration.ofSeconds(warmUp));
    alone.flatOut(Duration.ofSeconds(1));
    var title =
        String.format(
            Locale.ROOT,
            "%d connections flat out, commits of %.2f ms, %s",
            connections,
            CommitLatency.millis(stage),
            who);
    var metrics =
        List.of(WriteOverheadCommand.RATE, BenchmarkLatencies.P50, BenchmarkLatencies.P99, LEFT);
    return choices
        .rounds()
        .of(
            title,
            new MarkdownTable(System.out, metrics),
            List.of(
                new Contender(
                    "writers alone",
                    () -> new MeasuredFigures().with(WriteOverheadCommand.RATE, flatOut(alone))),
                new Contender("beside the relay", () -> beside(stage, arrivals, beside, timed))));
  }

  private double flatOut(BenchmarkWriters writers) throws InterruptedException {
    return writers.flatOut(Duration.ofSeconds(seconds));
  }

  private MeasuredFigures beside(
      BenchmarkEnvironment stage,
      DeliveredCounter arrivals,
      BenchmarkWriters writers,
      BenchmarkLatencies timed)
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
    return figures.with(WriteOverheadCommand.RATE, rate).with(LEFT, (double) Math.max(0, left));
  }
}

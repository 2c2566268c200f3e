package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.BenchmarkReport;
import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the cost of the outbox for writers: their rate without a trigger, with a trigger that
 * always notifies, and with the doorbell.
 */
@Command(
    name = "tax",
    mixinStandardHelpOptions = true,
    description =
        "Writers flat out: without a trigger, with a trigger that always notifies, with the doorbell.")
final class WriteOverheadCommand implements Callable<Integer> {
  static final BenchmarkMetric RATE = new BenchmarkMetric("tx/s", 0);

  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--connections", defaultValue = "16")
  int connections;

  @Option(
      names = "--commits",
      split = ",",
      defaultValue = "100,1000",
      description = "the time of a commit in microseconds, one or several; 0 for that of the disk")
  List<Integer> commits = new ArrayList<>();

  @Option(
      names = "--relay",
      split = ",",
      defaultValue = "off,idle,busy",
      description = {
        "the relay's work. off: no relay runs, so notifications have no listener",
        "idle: it publishes only the events of these writers",
        "busy: it publishes a backlog besides"
      })
  List<Work> works = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "8", description = "of each measurement")
  int seconds;

  @Option(names = "--warm-up", defaultValue = "15", description = "seconds not counted")
  int warmUp;

  @Option(names = "--backlog", defaultValue = "1000000", description = "events, for a busy relay")
  int backlog;

  /** The work of the relay during the measurement. */
  private enum Work {
    OFF,
    IDLE,
    BUSY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws Exception {
    BenchmarkReport report = null;
    for (int micros : commits) {
      try (var stage = BenchmarkEnvironment.open(choices.broker, CommitLatency.taking(micros))) {
        report = report == null ? choices.report(stage) : report;
        for (var work : works) {
          measure(stage, work, report);
        }
      }
    }
    if (report != null) {
      choices.write(report, RATE);
    }
    return 0;
  }

  private void measure(BenchmarkEnvironment stage, Work work, BenchmarkReport report)
      throws Exception {
    var title =
        String.format(
            Locale.ROOT,
            "relay %s, commits of %.2f ms, %d connections",
            work,
            CommitLatency.millis(stage),
            connections);
    try (var relay = new MeasuredRelayProcess(stage)) {
      if (work != Work.OFF) {
        // Without a trigger the relay finds events only by polling; this setting lets it do the
        // same work.
        var settings = new ArrayList<>(choices.settings);
        settings.add("relay.fallback-interval=100ms");
        choices.form().start(relay, settings);
        stage.awaitRelay();
      }
      writers(stage, warmUp);
      report.add(
          choices
              .rounds()
              .of(
                  title,
                  new MarkdownTable(System.out, List.of(RATE)),
                  List.of(
                      new Contender("no trigger", () -> measure(stage, work, NotifyMode.NONE)),
                      new Contender(
                          "notifying trigger", () -> measure(stage, work, NotifyMode.ALWAYS)),
                      new Contender("doorbell", () -> measure(stage, work, NotifyMode.DOORBELL)))));
    }
  }

  private MeasuredFigures measure(BenchmarkEnvironment stage, Work work, NotifyMode bell)
      throws Exception {
    bell.install(stage);
    if (work == Work.BUSY) {
      stage.add(backlog, 10_000, 256);
    }
    writers(stage, 1);
    return new MeasuredFigures().with(RATE, writers(stage, seconds));
  }

  private double writers(BenchmarkEnvironment stage, int howLong) throws InterruptedException {
    return new BenchmarkWriters(
            stage, BenchmarkEnvironment.OUTBOX, connections, new BenchmarkLatencies(0))
        .flatOut(Duration.ofSeconds(howLong));
  }
}

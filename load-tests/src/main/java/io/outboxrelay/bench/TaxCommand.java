package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Metric;
import io.outboxrelay.bench.report.Report;
import io.outboxrelay.bench.report.Side;
import io.outboxrelay.bench.report.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the outbox costs those who write: their rate without a trigger, and with the doorbell. */
@Command(
    name = "tax",
    mixinStandardHelpOptions = true,
    description =
        "Writers flat out: without a trigger, with one that notifies always, with the doorbell.")
final class TaxCommand implements Callable<Integer> {
  static final Metric RATE = new Metric("tx/s", 0);

  @Mixin Choices choices = new Choices();

  @Option(names = "--connections", defaultValue = "16")
  int connections;

  @Option(
      names = "--commits",
      split = ",",
      defaultValue = "100,1000",
      description = "how long a commit takes, in microseconds, one or several; 0 for the disk's")
  List<Integer> commits = new ArrayList<>();

  @Option(
      names = "--relay",
      split = ",",
      defaultValue = "off,idle,busy",
      description = {
        "off: none runs, so the bell rings for nobody",
        "idle: it has nothing to do but what these writers write",
        "busy: it publishes a backlog besides"
      })
  List<Work> works = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "8", description = "of each measurement")
  int seconds;

  @Option(names = "--warm-up", defaultValue = "15", description = "seconds not counted")
  int warmUp;

  @Option(names = "--backlog", defaultValue = "1000000", description = "events, for a busy relay")
  int backlog;

  /** What the relay does meanwhile. */
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
    Report report = null;
    for (int micros : commits) {
      try (var stage = Stage.open(choices.broker, Commits.taking(micros))) {
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

  private void measure(Stage stage, Work work, Report report) throws Exception {
    var title =
        "relay %s, commits of %.2f ms, %d connections"
            .formatted(work, Commits.millis(stage), connections);
    try (var relay = new RelayProcess(stage)) {
      if (work != Work.OFF) {
        // Without a trigger the relay has to look by itself, and is to do the same work.
        var settings = new ArrayList<>(choices.settings);
        settings.add("relay.fallback-interval=100ms");
        relay.run(choices.jvm, settings);
        stage.awaitRelay();
      }
      writers(stage, warmUp);
      report.add(
          choices
              .rounds()
              .of(
                  title,
                  new Table(System.out, List.of(RATE)),
                  List.of(
                      new Side("no trigger", () -> measure(stage, work, Bell.NONE)),
                      new Side("notifying trigger", () -> measure(stage, work, Bell.ALWAYS)),
                      new Side("doorbell", () -> measure(stage, work, Bell.DOORBELL)))));
    }
  }

  private Figures measure(Stage stage, Work work, Bell bell) throws Exception {
    bell.install(stage);
    if (work == Work.BUSY) {
      stage.add(backlog, 10_000, 256);
    }
    writers(stage, 1);
    return new Figures().with(RATE, writers(stage, seconds));
  }

  private double writers(Stage stage, int howLong) throws InterruptedException {
    return new Writers(stage, Stage.OUTBOX, connections, new Latencies(0))
        .flatOut(Duration.ofSeconds(howLong));
  }
}

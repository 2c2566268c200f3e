package io.outboxrelay.bench;

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

/** Measures the cost of an event: processor time, statements, WAL and memory. */
@Command(
    name = "cost",
    mixinStandardHelpOptions = true,
    description = {
      "Processor time, statements, WAL and memory of an event: of a backlog, beside the bare loop;",
      "and at a steady rate, beside writers whose events have no consumer."
    })
final class CostCommand implements Callable<Integer> {
  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--events", defaultValue = "1000000", description = "of the backlog")
  int events;

  @Option(names = "--rate", defaultValue = "1000", description = "transactions a second")
  int rate;

  @Option(names = "--seconds", defaultValue = "10", description = "at that rate")
  int seconds;

  @Option(names = "--warm-up", defaultValue = "20", description = "seconds not counted")
  int warmUp;

  @Override
  public Integer call() throws Exception {
    try (var stage = BenchmarkEnvironment.openCounting(choices.broker)) {
      var report = choices.report(stage);
      report.add(drain(stage));
      report.add(steady(stage));
      choices.write(report, ResourceMeter.PROCESS, ResourceMeter.DATABASE);
    }
    return 0;
  }

  private static MarkdownTable table() {
    return new MarkdownTable(
        System.out,
        List.of(
            ResourceMeter.PROCESS,
            ResourceMeter.DATABASE,
            ResourceMeter.STATEMENTS,
            ResourceMeter.WAL,
            ResourceMeter.MEMORY));
  }

  private CaseResult drain(BenchmarkEnvironment stage) throws Exception {
    stage.fill(events, 10_000, 256);
    var drain = new DrainRun(stage, choices, events);
    drain.bare();
    return choices
        .rounds()
        .of(
            String.format(Locale.ROOT, "a backlog of %,d events", events),
            table(),
            List.of(new Contender("bare loop", drain::bare), new Contender("relay", drain::relay)));
  }

  private CaseResult steady(BenchmarkEnvironment stage) throws Exception {
    stage.fill(0, 1, 256);
    stage.createPlain();
    stage.newDestination();
    stage.rewind();
    try (var relay = new MeasuredRelayProcess(stage)) {
      choices.form().start(relay, choices.settings);
      stage.awaitRelay();
      write(stage, BenchmarkEnvironment.OUTBOX, warmUp);
      return choices
          .rounds()
          .of(
              String.format(Locale.ROOT, "%,d transactions/s", rate),
              table(),
              List.of(
                  new Contender(
                      "written, not read", () -> measure(stage, relay, BenchmarkEnvironment.PLAIN)),
                  new Contender(
                      "relay", () -> measure(stage, relay, BenchmarkEnvironment.OUTBOX))));
    }
  }

  private MeasuredFigures measure(
      BenchmarkEnvironment stage, MeasuredRelayProcess relay, String table) throws Exception {
    var meter = ResourceMeter.start(stage);
    var process = CpuTime.of(relay.pid());
    long written = write(stage, table, seconds);
    return meter.stop(relay.pid(), process, written);
  }

  private long write(BenchmarkEnvironment stage, String table, int howLong)
      throws InterruptedException {
    return new BenchmarkWriters(stage, table, 8, new BenchmarkLatencies(0))
        .steadily(rate, Duration.ofSeconds(howLong));
  }
}

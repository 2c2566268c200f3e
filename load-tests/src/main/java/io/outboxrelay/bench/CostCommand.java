package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Outcome;
import io.outboxrelay.bench.report.Side;
import io.outboxrelay.bench.report.Table;
import io.outboxrelay.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an event costs: processor time, statements, log and memory. */
@Command(
    name = "cost",
    mixinStandardHelpOptions = true,
    description = {
      "What an event uses up in the relay and in the database: of a backlog, beside the bare loop;",
      "and at a steady rate, beside writers whose events nobody reads."
    })
final class CostCommand implements Callable<Integer> {
  @Mixin Choices choices = new Choices();

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
    var counting =
        PostgresServer.builder()
            .setting("shared_preload_libraries", "pg_stat_statements")
            .setting("pg_stat_statements.track_utility", "on");
    try (var stage = Stage.open(choices.broker, counting)) {
      stage.database.execute("create extension pg_stat_statements");
      var report = choices.report(stage);
      report.add(drain(stage));
      report.add(steady(stage));
      choices.write(report, Meter.PROCESS, Meter.DATABASE);
    }
    return 0;
  }

  private static Table table() {
    return new Table(
        System.out,
        List.of(Meter.PROCESS, Meter.DATABASE, Meter.STATEMENTS, Meter.WAL, Meter.MEMORY));
  }

  private Outcome drain(Stage stage) throws Exception {
    stage.fill(events, 10_000, 256);
    var drain = new Drain(stage, choices, events);
    drain.bare();
    return choices
        .rounds()
        .of(
            "a backlog of %,d events".formatted(events),
            table(),
            List.of(new Side("bare loop", drain::bare), new Side("relay", drain::relay)));
  }

  private Outcome steady(Stage stage) throws Exception {
    stage.fill(0, 1, 256);
    stage.createPlain();
    stage.newDestination();
    stage.rewind();
    try (var relay = new RelayProcess(stage)) {
      relay.run(choices.jvm, choices.settings);
      stage.awaitRelay();
      write(stage, Stage.OUTBOX, warmUp);
      return choices
          .rounds()
          .of(
              "%,d transactions/s".formatted(rate),
              table(),
              List.of(
                  new Side("written, not read", () -> measure(stage, relay, Stage.PLAIN)),
                  new Side("relay", () -> measure(stage, relay, Stage.OUTBOX))));
    }
  }

  private Figures measure(Stage stage, RelayProcess relay, String table) throws Exception {
    var meter = Meter.start(stage);
    var process = Cpu.of(relay.pid());
    long written = write(stage, table, seconds);
    return meter.stop(relay.pid(), process, written);
  }

  private long write(Stage stage, String table, int howLong) throws InterruptedException {
    return new Writers(stage, table, 8, new Latencies(0))
        .steadily(rate, Duration.ofSeconds(howLong));
  }
}

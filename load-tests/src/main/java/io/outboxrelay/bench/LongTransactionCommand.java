package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.InterleavedRounds;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the cost of a transaction that is left open. There should be none. */
@Command(
    name = "horizon",
    mixinStandardHelpOptions = true,
    description = {
      "Leaves a transaction open for minutes under load, with clean-up running, so that vacuum can remove",
      "nothing. Compares the latency, and the rate of a burst at the end, with those before."
    })
final class LongTransactionCommand implements Callable<Integer> {
  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--minutes", defaultValue = "10", description = "for which it is left open")
  double minutes;

  @Option(
      names = "--held",
      defaultValue = "reader",
      description = {
        "reader: it has a snapshot, as a long report or pg_dump has; clean-up deletes what stays behind",
        "writer: it has written an event besides, so clean-up has to wait for it"
      })
  Held held = Held.READER;

  @Option(names = "--rate", defaultValue = "1000", description = "transactions a second")
  int rate;

  @Option(names = "--burst", defaultValue = "200000", description = "events at once")
  int burst;

  @Option(names = "--seconds", defaultValue = "10", description = "over which latency is measured")
  int seconds;

  @Option(names = "--warm-up", defaultValue = "20", description = "seconds not counted")
  int warmUp;

  private final BenchmarkLatencies latencies = new BenchmarkLatencies();

  /** The kind of the open transaction. */
  private enum Held {
    READER,
    WRITER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws Exception {
    var settings = new ArrayList<>(choices.settings);
    settings.addAll(List.of("outbox.retention=5s", "outbox.clean-up-interval=1s"));
    try (var stage = BenchmarkEnvironment.open(choices.broker);
        var relay = new MeasuredRelayProcess(stage);
        var consumer = stage.consume(latencies);
        var arrivals = DeliveredCounter.at(stage, latencies);
        var session = stage.database.connect()) {
      choices.form().start(relay, settings);
      var writers = new BenchmarkWriters(stage, BenchmarkEnvironment.OUTBOX, 8, latencies);
      writers.steadily(rate, Duration.ofSeconds(warmUp));
      latencies.awaitAll();
      measure(stage, arrivals, writers);
      var report = choices.report(stage);
      var half = Duration.ofMillis((long) (minutes * 30_000));
      // There is only one round, because the measurements depend on their order.
      report.add(
          new InterleavedRounds(1)
              .of(
                  String.format(
                      Locale.ROOT,
                      "a %s held open for %.1f minutes at %,d tx/s",
                      held,
                      minutes,
                      rate),
                  new MarkdownTable(
                      System.out,
                      List.of(DrainRun.RATE, BenchmarkLatencies.P50, BenchmarkLatencies.P99)),
                  List.of(
                      new Contender("none open", () -> measure(stage, arrivals, writers)),
                      new Contender(
                          "just opened",
                          () -> {
                            open(session);
                            return measure(stage, arrivals, writers);
                          }),
                      new Contender("half-way", () -> later(half, stage, arrivals, writers)),
                      new Contender("at the end", () -> later(half, stage, arrivals, writers)))));
      session.commit();
      choices.write(report, DrainRun.RATE, BenchmarkLatencies.P99);
    }
    return 0;
  }

  private void open(Connection session) throws Exception {
    session.setAutoCommit(false);
    session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (var statement = session.createStatement()) {
      statement.execute("select count(*) from outbox");
      if (held == Held.WRITER) {
        statement.execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                + " values ('order', 'held', 'changed', '{}')");
      }
    }
  }

  private MeasuredFigures later(
      Duration time,
      BenchmarkEnvironment stage,
      DeliveredCounter arrivals,
      BenchmarkWriters writers)
      throws Exception {
    writers.steadily(rate, time);
    latencies.awaitAll();
    return measure(stage, arrivals, writers);
  }

  private MeasuredFigures measure(
      BenchmarkEnvironment stage, DeliveredCounter arrivals, BenchmarkWriters writers)
      throws Exception {
    latencies.start();
    writers.steadily(rate, Duration.ofSeconds(seconds));
    latencies.awaitAll();
    latencies.stop();
    long before = arrivals.count();
    stage.add(burst, 10_000, 256);
    long committed = System.nanoTime();
    arrivals.await(before + burst);
    double took = (System.nanoTime() - committed) / 1e9;
    return latencies.figures().with(DrainRun.RATE, burst / took);
  }
}

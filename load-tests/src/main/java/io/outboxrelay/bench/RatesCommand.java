package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import io.outboxrelay.testkit.TestBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the load on relay, database and broker at several rates of events. */
@Command(
    name = "rates",
    mixinStandardHelpOptions = true,
    description = {
      "Processor time of relay, database and broker, transaction ids, statements and log bytes,",
      "for each second and each event, beside writers that send straight to the broker."
    })
final class RatesCommand implements Callable<Integer> {
  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--rates", split = ",", defaultValue = "0,50,100,500,2000,5000")
  List<Integer> rates = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "10", description = "of each measurement")
  int seconds;

  @Option(names = "--connections", defaultValue = "24", description = "that write")
  int connections;

  @Option(names = "--warm-up", defaultValue = "20", description = "seconds not counted, at 2,000/s")
  int warmUp;

  @Option(
      names = "--other",
      description = "the jar of another version, measured in turn with this one")
  @Nullable Path other;

  @Override
  public Integer call() throws Exception {
    try (var stage = BenchmarkEnvironment.openCounting(choices.broker);
        var relay = new Side("relay", stage, Optional.empty());
        var compared = other == null ? null : new Side("other jar", stage.beside(), jar(other))) {
      stage.createPlain();
      var report = choices.report(stage);
      var table = new MarkdownTable(System.out, LoadMeter.METRICS);
      try (var sender = DirectSender.to(stage)) {
        var straight = relay.writers(BenchmarkEnvironment.PLAIN).afterCommit(sender::send);
        for (int rate : rates) {
          var sides = new ArrayList<Contender>();
          sides.add(
              new Contender(
                  rate == 0 ? "no events" : "straight to broker",
                  () -> relay.measure(straight, rate)));
          sides.add(
              new Contender(
                  "relay", () -> relay.measure(relay.writers(BenchmarkEnvironment.OUTBOX), rate)));
          if (compared != null) {
            sides.add(
                new Contender(
                    compared.name,
                    () -> compared.measure(compared.writers(BenchmarkEnvironment.OUTBOX), rate)));
          }
          report.add(
              choices.rounds().of(String.format(Locale.ROOT, "%,d events/s", rate), table, sides));
        }
      }
      choices.write(report, LoadMeter.RELAY, LoadMeter.DATABASE);
    }
    return 0;
  }

  private static Optional<Path> jar(Path other) {
    return Optional.of(other);
  }

  /** A relay with an outbox and a destination of its own. */
  private final class Side implements AutoCloseable {
    final String name;
    final BenchmarkEnvironment stage;
    private final BenchmarkLatencies latencies = new BenchmarkLatencies();
    private final MeasuredRelayProcess relay;
    private final TestBroker.Subscription consumer;

    Side(String name, BenchmarkEnvironment stage, Optional<Path> jar) throws Exception {
      this.name = name;
      this.stage = stage;
      this.relay = new MeasuredRelayProcess(stage, jar);
      relay.init();
      choices.form().start(relay, choices.settings);
      consumer = stage.consume(latencies);
      writers(BenchmarkEnvironment.OUTBOX).steadily(2_000, Duration.ofSeconds(warmUp));
      latencies.awaitAll();
    }

    BenchmarkWriters writers(String table) {
      return new BenchmarkWriters(stage, table, connections, latencies);
    }

    MeasuredFigures measure(BenchmarkWriters writers, int rate) throws Exception {
      // Waits until the servers have finished the work of the previous measurement.
      Thread.sleep(2_000);
      latencies.start();
      var meter = LoadMeter.start(stage, relay.pid());
      long events = 0;
      if (rate == 0) {
        Thread.sleep(seconds * 1000L);
      } else {
        events = writers.steadily(rate, Duration.ofSeconds(seconds));
      }
      latencies.awaitAll();
      var figures = meter.stop(seconds, events);
      latencies.stop();
      return figures.with(latencies.figures());
    }

    @Override
    public void close() throws Exception {
      consumer.close();
      relay.close();
    }
  }
}

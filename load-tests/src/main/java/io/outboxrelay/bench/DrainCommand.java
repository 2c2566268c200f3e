package io.outboxrelay.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How fast a backlog is published: the relay against the bare loop, turn about. */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description = "Publishes waiting events, beside a bare loop that reads pages and sends them.")
final class DrainCommand implements Callable<Integer> {
  @Option(names = "--broker", defaultValue = "kafka", description = "kafka or rabbitmq")
  String broker = "kafka";

  @Option(names = "--events", defaultValue = "500000")
  int events;

  @Option(names = "--aggregates", defaultValue = "10000")
  int aggregates;

  @Option(names = "--bytes", defaultValue = "256", description = "payload of an event")
  int bytes;

  @Option(names = "--rounds", defaultValue = "3")
  int rounds;

  @Option(names = "--jvm", defaultValue = "-Xmx512m", description = "the relay's JVM options")
  String jvm = "-Xmx512m";

  @Option(names = "--set", description = "a setting of the relay, key=value; may be repeated")
  List<String> settings = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(broker)) {
      stage.fill(events, aggregates, bytes);
      System.out.printf(
          "%,d events of %d bytes, %,d aggregates, into %s%n%n", events, bytes, aggregates, broker);
      System.out.printf("%8s %14s %14s %8s%n", "round", "bare/s", "relay/s", "ratio");
      for (int round = 1; round <= rounds; round++) {
        double bare = rate(bare(stage));
        double relay = rate(relay(stage));
        System.out.printf("%8d %,14.0f %,14.0f %7.0f%%%n", round, bare, relay, 100 * relay / bare);
      }
    }
    return 0;
  }

  /** From the first tenth on, when both are running, to the last. */
  private double rate(Duration time) {
    return (events - skip()) / (time.toNanos() / 1e9);
  }

  private long skip() {
    return events / 10;
  }

  private Duration bare(Stage stage) throws Exception {
    stage.newDestination();
    try (var arrivals = Arrivals.at(stage)) {
      var process = BareProcess.start(stage);
      var time = arrivals.time(skip(), events);
      process.waitFor();
      return time;
    }
  }

  private Duration relay(Stage stage) throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var arrivals = Arrivals.at(stage);
        var relay = new RelayProcess(stage)) {
      relay.run(jvm, settings);
      return arrivals.time(skip(), events);
    }
  }
}

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

  @Option(
      names = "--parked",
      description = "aggregates that are parked meanwhile, in place of the bare loop's rounds")
  int parked;

  @Option(names = "--set", description = "a setting of the relay, key=value; may be repeated")
  List<String> settings = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(broker)) {
      stage.fill(events, aggregates, bytes);
      if (parked > 0) {
        compareParked(stage);
        return 0;
      }
      System.out.printf(
          "%,d events of %d bytes, %,d aggregates, into %s%n%n", events, bytes, aggregates, broker);
      System.out.printf(
          "%8s %14s %14s %8s %22s%n", "round", "bare/s", "relay/s", "ratio", "CPU µs per event");
      // A broker that has just started would slow whoever comes first.
      bare(stage);
      for (int round = 1; round <= rounds; round++) {
        var bare = bare(stage);
        var relay = relay(stage);
        System.out.printf(
            "%8d %,14.0f %,14.0f %7.0f%% %10.1f bare %5.1f relay%n",
            round, bare.rate, relay.rate, 100 * relay.rate / bare.rate, bare.cpu, relay.cpu);
      }
    }
    return 0;
  }

  /** Turn about, in changing order: what comes second in a round finds warmer caches. */
  private void compareParked(Stage stage) throws Exception {
    System.out.printf(
        "%,d events of %d bytes, %,d aggregates, into %s, with %,d other aggregates parked%n%n",
        events, bytes, aggregates, broker, parked);
    System.out.printf("%8s %14s %14s %8s%n", "round", "none/s", "parked/s", "ratio");
    relay(stage);
    for (int round = 1; round <= rounds; round++) {
      boolean noneFirst = round % 2 == 1;
      double first = rate(stage, noneFirst ? 0 : parked);
      double second = rate(stage, noneFirst ? parked : 0);
      double none = noneFirst ? first : second;
      double with = noneFirst ? second : first;
      System.out.printf("%8d %,14.0f %,14.0f %7.0f%%%n", round, none, with, 100 * with / none);
    }
  }

  private double rate(Stage stage, int parkedNow) throws Exception {
    stage.park(parkedNow);
    return relay(stage).rate;
  }

  /** Events a second, and the processor time of the process in microseconds for each. */
  private record Figures(double rate, double cpu) {}

  private Figures figures(Duration time, ProcessHandle process) {
    var cpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
    return new Figures(rate(time), cpu.toNanos() / 1000.0 / events);
  }

  /** From the first tenth on, when both are running, to the last. */
  private double rate(Duration time) {
    return (events - skip()) / (time.toNanos() / 1e9);
  }

  private long skip() {
    return events / 10;
  }

  private Figures bare(Stage stage) throws Exception {
    stage.newDestination();
    try (var arrivals = Arrivals.at(stage)) {
      var process = BareProcess.start(stage);
      var figures = figures(arrivals.time(skip(), events), process.toHandle());
      process.waitFor();
      return figures;
    }
  }

  private Figures relay(Stage stage) throws Exception {
    stage.newDestination();
    stage.rewind();
    try (var arrivals = Arrivals.at(stage);
        var relay = new RelayProcess(stage)) {
      relay.run(jvm, settings);
      return figures(arrivals.time(skip(), events), relay.handle());
    }
  }
}

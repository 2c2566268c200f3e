package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs the relay on real services, for Java to record the classes or the profiles of a run that
 * publishes events.
 */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Measures nothing: publishes events to Kafka and to RabbitMQ, and records the names of the",
      "classes that this loads; with --launcher, makes its archive in a run that publishes to one."
    })
final class TrainCommand implements Callable<Integer> {
  @Option(names = "--classes", description = "the file to which the names are written")
  @Nullable Path classes;

  @Option(names = "--launcher", description = "makes the archive beside this launcher")
  @Nullable Path launcher;

  @Option(names = "--java", description = "the home of the launcher's Java; else this one's")
  Path java = Path.of(System.getProperty("java.home"));

  @Option(names = "--broker", defaultValue = "kafka", description = "to which --launcher publishes")
  String broker = "kafka";

  @Option(names = "--events", defaultValue = "50000")
  int events;

  @Option(names = "--idle", defaultValue = "15", description = "seconds without events at the end")
  int idle;

  @Override
  public Integer call() throws Exception {
    var list = classes;
    if (list != null) {
      var names = new TreeSet<String>();
      names.addAll(namesOfARun("kafka", "text"));
      names.addAll(namesOfARun("rabbitmq", "json"));
      Files.write(list, names);
    }
    var script = launcher;
    if (script != null) {
      try (var stage = BenchmarkEnvironment.open(broker);
          var relay = new MeasuredRelayProcess(stage)) {
        publish(stage, relay, () -> relay.makeArchive(script, java));
      }
    }
    return 0;
  }

  private List<String> namesOfARun(String broker, String log) throws Exception {
    var recorded = Files.createTempFile("outbox-relay-", ".classes");
    try (var stage = BenchmarkEnvironment.open(broker);
        var relay = new MeasuredRelayProcess(stage)) {
      var options = "-Xmx512m -XX:+UseSerialGC -XX:DumpLoadedClassList=" + recorded;
      publish(stage, relay, () -> relay.run(options, List.of("log.format=" + log)));
    }
    try (var lines = Files.lines(recorded)) {
      // A hidden class has a number in place of a name that another run would find.
      return lines.filter(line -> !line.startsWith("#") && !line.contains("0x")).toList();
    } finally {
      Files.delete(recorded);
    }
  }

  private interface Start {
    void run() throws IOException;
  }

  private void publish(BenchmarkEnvironment stage, MeasuredRelayProcess relay, Start start)
      throws Exception {
    stage.fill(events, 1_000, 256);
    stage.newDestination();
    try (var arrivals = DeliveredCounter.at(stage)) {
      start.run();
      arrivals.await(events);
      // The queries of a relay that waits belong to the run, too.
      Thread.sleep(idle * 1000L);
      stage.add(10, 10, 256);
      arrivals.await(events + 10);
    }
    relay.close();
  }
}

package io.outboxrelay.chaos;

import io.outboxrelay.testkit.relay.PackagedRelay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The entry point of the chaos suite. */
@Command(
    name = "load-tests/chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Runs several relays on a real database and a real broker, breaks everything at random, and",
      "checks that every committed event arrives, in order. Ends with 0 only if it found nothing wrong."
    })
public final class ChaosMain implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--seed", description = "the seed of all random choices; by default a new one")
  private @Nullable Long seed;

  @Option(names = "--minutes", defaultValue = "5", description = "for how long faults are caused")
  private double minutes = 5;

  @Option(names = "--broker", defaultValue = "kafka", description = "kafka or rabbitmq")
  private String broker = "kafka";

  @Option(names = "--relays", defaultValue = "3")
  private int relays = 3;

  @Option(
      names = "--shards",
      defaultValue = "1",
      description = "the number of shards; if more than one, it is also changed during the run")
  private int shards = 1;

  @Option(names = "--set", description = "a setting of the relays, key=value; may be repeated")
  private List<String> settings = new ArrayList<>();

  @Option(names = "--json", description = "a file for the figures")
  private @Nullable Path json;

  @Option(
      names = "--logs",
      description =
          "a folder for the logs; without it they are kept only if the run finds a mistake")
  private @Nullable Path logs;

  @Option(names = "--plan", description = "prints the faults of this seed, and does nothing")
  private boolean plan;

  private ChaosMain() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new ChaosMain()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    check();
    long chosen = seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed;
    var length = Duration.ofMillis((long) (minutes * 60_000));
    if (plan) {
      FaultSchedule.of(chosen, length, relays, shards)
          .forEach(fault -> System.out.println(RunLog.line(fault.at(), fault.toString())));
      return 0;
    }
    var options =
        new ChaosOptions(
            chosen,
            length,
            new RelaySetup(
                broker,
                relays,
                shards,
                settings.stream().map(PackagedRelay::settingOption).toList()),
            logs == null
                ? Files.createTempDirectory("outbox-relay-chaos-")
                : Files.createDirectories(logs));
    var verdict = ChaosRun.run(options);
    System.out.println(verdict.table());
    if (json != null) {
      Files.writeString(json, verdict.json() + "\n");
    }
    if (!verdict.holds()) {
      System.out.printf("%s%nlogs are in %s%n", options.command(), options.folder());
      return 1;
    }
    if (logs == null) {
      delete(options.folder());
    }
    return 0;
  }

  private void check() {
    var wrong = new ArrayList<String>();
    if (!Set.of("kafka", "rabbitmq").contains(broker)) {
      wrong.add("--broker is " + broker + "; kafka or rabbitmq was expected");
    }
    if (relays < 1 || relays > 20) {
      wrong.add("--relays is " + relays + "; 1 to 20 were expected");
    }
    if (shards < 1 || shards > 8) {
      wrong.add("--shards is " + shards + "; 1 to 8 were expected");
    }
    if (!(minutes > 0 && minutes <= 10_000)) {
      wrong.add("--minutes is " + minutes + "; more than 0, and at most 10000, were expected");
    }
    if (!wrong.isEmpty() && spec != null) {
      throw new ParameterException(spec.commandLine(), String.join("\n", wrong));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(ChaosMain::deleteOne);
    }
  }

  private static void deleteOne(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

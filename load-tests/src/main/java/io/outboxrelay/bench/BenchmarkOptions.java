package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.BenchmarkReport;
import io.outboxrelay.bench.report.InterleavedRounds;
import io.outboxrelay.bench.report.MachineDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every benchmark, and the writing of its report. */
final class BenchmarkOptions {
  @Option(names = "--broker", defaultValue = "kafka", description = "kafka or rabbitmq")
  String broker = "kafka";

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "the number of rounds, over which medians are taken")
  int rounds;

  @Option(names = "--jvm", defaultValue = "-Xmx512m", description = "the relay's JVM options")
  String jvm = "-Xmx512m";

  @Option(
      names = "--launcher",
      description = {
        "the launcher beside its jar, with an archive that its --make-archive has made: starts the",
        "relay by it; start, idle and drain measure the jar alone besides"
      })
  @Nullable Path launcher;

  @Option(
      names = "--java",
      split = ",",
      description = "the home of the Java that the launcher uses, one or several; else this one's")
  List<Path> javas = new ArrayList<>();

  @Option(names = "--set", description = "a setting of the relay, key=value; may be repeated")
  List<String> settings = new ArrayList<>();

  @Option(
      names = "--out",
      defaultValue = "load-tests/target/bench",
      description = "the folder for JSON and charts: ${DEFAULT-VALUE}")
  Path out = Path.of("load-tests/target/bench");

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Returns the form of the relay for a benchmark that measures one. */
  StartForm form() {
    var forms = forms();
    return forms.get(Math.min(1, forms.size() - 1));
  }

  /** Returns all forms of the relay that are to be compared; the jar is the first. */
  List<StartForm> forms() {
    var forms = new ArrayList<StartForm>();
    forms.add(StartForm.jar(jvm));
    var script = launcher;
    if (script != null) {
      var homes = javas.isEmpty() ? List.of(Path.of(System.getProperty("java.home"))) : javas;
      homes.forEach(home -> forms.add(StartForm.launcher(jvm, script, home)));
    }
    return forms;
  }

  InterleavedRounds rounds() {
    return new InterleavedRounds(rounds);
  }

  BenchmarkReport report(BenchmarkEnvironment stage) throws IOException {
    var asked = Objects.requireNonNull(command);
    return new BenchmarkReport(
        asked.name() + "-" + broker,
        "load-tests/bench "
            + String.join(" ", asked.root().commandLine().getParseResult().originalArgs()),
        MachineDescription.with(stage.services()));
  }

  /**
   * Writes the report with a chart for each metric in {@code charted}, and prints the names of the
   * files.
   */
  void write(BenchmarkReport report, BenchmarkMetric... charted) throws IOException {
    System.out.println();
    report.write(out, List.of(charted)).forEach(System.out::println);
  }
}

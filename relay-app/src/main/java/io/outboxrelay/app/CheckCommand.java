package io.outboxrelay.app;

import io.outboxrelay.check.CheckRunner;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.json.FindingJson;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Finding.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code check}: examines the database and the broker. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = "Examines database and broker, and says what to mend; changes nothing.")
final class CheckCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  @Option(
      names = "--as",
      paramLabel = "ROLE",
      description =
          "Also checks if this role of an application may write events, and names what it lacks."
              + " May be repeated.")
  private List<String> roles = new ArrayList<>();

  CheckCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    try (var session = relay.session()) {
      var config = session.config();
      var examined =
          CheckRunner.examine(
                  session.vertx(), config.database(), config.relay(), config.broker(), roles)
              .await();
      var findings =
          Stream.concat(
                  config.origin().passedOver().stream().flatMap(UnusedSection::findings),
                  examined.stream())
              .toList();
      output.write(relay.out(), FindingJson.of(findings), () -> report(findings));
      return (FindingJson.count(findings, Level.PROBLEM) == 0 ? ExitCode.OK : ExitCode.CHECK_FAILED)
          .number();
    }
  }

  /** Returns one line for each finding, its remedy below it, and a last line with the totals. */
  static String report(List<Finding> findings) {
    var report = new StringBuilder();
    for (var finding : findings) {
      String level = finding.level().name().toLowerCase(Locale.ROOT);
      report.append("%-8s %s%n".formatted(level, PlainText.indented(finding.text())));
      if (!finding.remedy().isEmpty()) {
        report.append("%-8s -> %s%n".formatted("", PlainText.indented(finding.remedy())));
      }
    }
    String problems = countOrNone(FindingJson.count(findings, Level.PROBLEM), "problem");
    String warnings = countOrNone(FindingJson.count(findings, Level.WARNING), "warning");
    return report.append("%n%s, %s%n".formatted(problems, warnings)).toString();
  }

  private static String countOrNone(long count, String noun) {
    return count == 0 ? "no " + noun + "s" : CountFormat.of(count, noun);
  }
}

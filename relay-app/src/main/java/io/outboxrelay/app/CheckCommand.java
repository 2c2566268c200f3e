package io.outboxrelay.app;

import io.outboxrelay.doctor.Doctor;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Finding.Level;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Examines database and broker. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = "Examines database and broker, and says what to mend; changes nothing.")
final class CheckCommand implements Callable<Integer> {
  private final RelayCommand relay;

  CheckCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    try (var session = relay.session()) {
      var config = session.config();
      var findings =
          Doctor.examine(session.vertx(), config.database(), config.relay(), config.broker())
              .await();
      relay.out().print(report(findings));
      relay.out().flush();
      return (count(findings, Level.PROBLEM) == 0 ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
    }
  }

  /** One line for each finding, its remedy below it, and a last line that sums up. */
  static String report(List<Finding> findings) {
    var report = new StringBuilder();
    for (var finding : findings) {
      String level = finding.level().name().toLowerCase(Locale.ROOT);
      report.append("%-8s %s%n".formatted(level, finding.text()));
      if (!finding.remedy().isEmpty()) {
        report.append("%-8s -> %s%n".formatted("", finding.remedy()));
      }
    }
    String problems = counted(count(findings, Level.PROBLEM), "problem");
    String warnings = counted(count(findings, Level.WARNING), "warning");
    return report.append("%n%s, %s%n".formatted(problems, warnings)).toString();
  }

  private static String counted(long count, String noun) {
    return (count == 0 ? "no" : count) + " " + noun + (count == 1 ? "" : "s");
  }

  private static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }
}

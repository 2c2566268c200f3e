package io.outboxrelay.app;

import io.outboxrelay.audit.Audit;
import io.outboxrelay.audit.Deed;
import io.outboxrelay.report.AuditReport;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says who did what. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Says who did what to the outbox, the latest first.")
final class AuditCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private Output output = new Output();
  @Mixin private TableOptions tables = new TableOptions();

  @Option(
      names = "--limit",
      converter = Some.class,
      defaultValue = "50",
      paramLabel = "N",
      description = "At most N entries (default: ${DEFAULT-VALUE}).")
  private int limit = 50;

  @Option(names = "--after", paramLabel = "ID", description = "Only what is older than this entry.")
  private @Nullable Long after;

  AuditCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var deeds = relay.at((connection, names) -> Audit.list(connection, names, after, limit));
    output.write(relay.out(), AuditReport.page(deeds, limit), () -> report(deeds, tables.layout()));
    return ExitCode.OK.number();
  }

  static String report(List<Deed> deeds, TextTable.Layout layout) {
    if (deeds.isEmpty()) {
      return "the audit holds no entry";
    }
    var table = new TextTable(layout, "ID", "WHEN", "WHO", "VIA", "ACTION", "WHAT", "OUTCOME");
    for (var deed : deeds) {
      table.add(
          Long.toString(deed.id()),
          deed.at().toInstant().truncatedTo(ChronoUnit.SECONDS).toString(),
          deed.who(),
          deed.via(),
          deed.action(),
          deed.what(),
          deed.outcome());
    }
    return table.toString();
  }
}

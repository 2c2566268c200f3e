package io.outboxrelay.app;

import io.outboxrelay.audit.AuditEntry;
import io.outboxrelay.audit.AuditLog;
import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.json.AuditJson;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code audit}: lists the audit log. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Lists what operators changed, the latest first.")
final class AuditCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();
  @Mixin private TableOptions tables = new TableOptions();

  @Option(
      names = "--limit",
      converter = PositiveIntConverter.class,
      defaultValue = "50",
      paramLabel = "N",
      description = "At most N entries (default: ${DEFAULT-VALUE}).")
  private int limit = 50;

  @Option(names = "--after", paramLabel = "ID", description = "Only entries older than this one.")
  private @Nullable Long after;

  AuditCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var auditEntries =
        relay.at((connection, names) -> AuditLog.list(connection, names, after, limit));
    output.write(
        relay.out(),
        AuditJson.page(auditEntries, limit),
        () -> report(auditEntries, tables.layout()));
    return ExitCode.OK.number();
  }

  static String report(List<AuditEntry> auditEntries, TextTable.Layout layout) {
    if (auditEntries.isEmpty()) {
      return "the audit holds no entry";
    }
    var table =
        new TextTable(layout, "ID", "TIME", "ACTOR", "CHANNEL", "ACTION", "TARGET", "OUTCOME");
    for (var auditEntry : auditEntries) {
      table.add(
          Long.toString(auditEntry.id()),
          TimestampFormat.of(auditEntry.at()),
          auditEntry.author().name(),
          auditEntry.author().channel(),
          auditEntry.action(),
          auditEntry.target(),
          auditEntry.outcome());
    }
    return table.toString();
  }
}

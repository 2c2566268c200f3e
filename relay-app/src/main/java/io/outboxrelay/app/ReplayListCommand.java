package io.outboxrelay.app;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.json.ReplayJson;
import io.outboxrelay.replay.Replay;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code replay list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists replays, the latest first.")
final class ReplayListCommand implements Callable<Integer> {
  private final ReplayCommand replays;
  @Mixin private CommandOutput output = new CommandOutput();
  @Mixin private TableOptions tables = new TableOptions();

  @Option(
      names = "--limit",
      converter = PositiveIntConverter.class,
      defaultValue = "20",
      paramLabel = "N",
      description = "At most N replays (default: ${DEFAULT-VALUE}).")
  private int limit = 20;

  ReplayListCommand(ReplayCommand replays) {
    this.replays = replays;
  }

  @Override
  public Integer call() {
    var listed = replays.at(archive -> archive.list(limit));
    output.write(replays.out(), ReplayJson.of(listed), () -> report(listed, tables.layout()));
    return ExitCode.OK.number();
  }

  static String report(List<Replay> listed, TextTable.Layout layout) {
    if (listed.isEmpty()) {
      return "no replay has been asked for";
    }
    var table = new TextTable(layout, "ID", "STATE", "SENT", "OF", "WHAT", "TO", "ASKED", "BY");
    for (var replay : listed) {
      var order = replay.order();
      table.add(
          Long.toString(replay.id()),
          replay.state().written(),
          CountFormat.of(replay.progress().published()),
          CountFormat.of(replay.bounds().matched()),
          replay.briefly(),
          order.destination() == null ? "where they went" : order.destination(),
          TimestampFormat.of(order.requestedAt()),
          order.requestedBy());
    }
    return table.toString().stripTrailing();
  }
}

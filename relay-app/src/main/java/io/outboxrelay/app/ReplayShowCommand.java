package io.outboxrelay.app;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.json.ReplayJson;
import io.outboxrelay.replay.Replay;
import java.time.OffsetDateTime;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code replay show}: shows one replay. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows one replay: what was asked for, its progress, and what was left out.")
final class ReplayShowCommand implements Callable<Integer> {
  private final ReplayCommand replays;
  @Mixin private CommandOutput output = new CommandOutput();

  @Parameters(paramLabel = "ID", description = "The number of the replay, which list shows.")
  private long id;

  @Option(
      names = "--watch",
      description =
          "Waits until the replay has ended; ends with 6 if not all of its events were sent.")
  private boolean watch;

  ReplayShowCommand(ReplayCommand replays) {
    this.replays = replays;
  }

  @Override
  public Integer call() {
    var replay = replays.at(archive -> archive.show(id));
    if (watch) {
      return new ReplayWatch(replays, output).watch(replay);
    }
    output.write(replays.out(), ReplayJson.of(replay), () -> report(replay));
    return ExitCode.OK.number();
  }

  static String report(Replay replay) {
    var order = replay.order();
    var execution = replay.execution();
    var lines = new StringBuilder();
    add(lines, "replay", replay.id() + ", " + replay.state().written());
    add(lines, "so far", replay.sentence());
    add(lines, "what", replay.words());
    add(lines, "to", order.destination() == null ? "where they went" : order.destination());
    add(lines, "rate", "up to " + CountFormat.of(order.ratePerSecond(), "event") + " a second");
    add(lines, "asked", at(order.requestedAt(), order.requestedBy()));
    add(lines, "told", order.remark());
    add(
        lines,
        "begun",
        execution.startedAt() == null ? null : at(execution.startedAt(), execution.owner()));
    add(lines, "ended", execution.endedAt() == null ? null : at(execution.endedAt(), null));
    return lines.toString().stripTrailing();
  }

  private static String at(OffsetDateTime time, @Nullable String by) {
    return TimestampFormat.of(time) + (by == null ? "" : " by " + by);
  }

  private static void add(StringBuilder lines, String name, @Nullable String value) {
    if (value != null) {
      lines.append("%-7s  %s%n".formatted(name, value));
    }
  }
}

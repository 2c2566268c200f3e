package io.outboxrelay.app;

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

  @Parameters(paramLabel = "ID", description = "As list shows it.")
  private long id;

  @Option(
      names = "--watch",
      description = "Waits until it has ended; ends with 6 unless all of it was sent.")
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
    var lines = new StringBuilder();
    add(lines, "replay", replay.id() + ", " + replay.state().written());
    add(lines, "so far", replay.sentence());
    add(lines, "what", replay.replayFilter().words());
    add(lines, "to", replay.destination() == null ? "where they went" : replay.destination());
    add(lines, "rate", "up to " + replay.ratePerSecond() + " events a second");
    add(lines, "asked", at(replay.requestedAt(), replay.requestedBy()));
    add(lines, "told", replay.remark());
    add(lines, "begun", replay.startedAt() == null ? null : at(replay.startedAt(), replay.owner()));
    add(lines, "ended", replay.endedAt() == null ? null : at(replay.endedAt(), null));
    return lines.toString().stripTrailing();
  }

  private static String at(OffsetDateTime time, @Nullable String by) {
    return ReplayListCommand.time(time) + (by == null ? "" : " by " + by);
  }

  private static void add(StringBuilder lines, String name, @Nullable String value) {
    if (value != null) {
      lines.append("%-7s  %s%n".formatted(name, value));
    }
  }
}

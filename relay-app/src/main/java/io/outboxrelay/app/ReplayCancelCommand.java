package io.outboxrelay.app;

import io.outboxrelay.json.ReplayJson;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code replay cancel}: ends a replay before it is complete. */
@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    description = "Ends a replay. Events in flight are still sent, and no further ones.")
final class ReplayCancelCommand implements Callable<Integer> {
  private final ReplayCommand replays;
  @Mixin private CommandOutput output = new CommandOutput();

  @Parameters(paramLabel = "ID", description = "The number of the replay, which list shows.")
  private long id;

  ReplayCancelCommand(ReplayCommand replays) {
    this.replays = replays;
  }

  @Override
  public Integer call() {
    var replay = replays.at(archive -> archive.cancel(id, CurrentUser.author()));
    output.write(replays.out(), ReplayJson.of(replay), () -> ReplayCommand.line(replay));
    return ExitCode.OK.number();
  }
}

package io.outboxrelay.app;

import io.outboxrelay.json.PauseJson;
import io.outboxrelay.pause.Pause;
import io.outboxrelay.pause.PauseTable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code pause}: pauses everything or some destinations. */
@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    description = {
      "Pauses publishing, of everything or to DESTINATION, until resume is run.",
      "The pause takes effect at once and survives a restart and a fail-over. Events for a paused"
          + " destination are set aside, and are published in order once it is resumed."
    })
final class PauseCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  @Parameters(
      arity = "0..1",
      paramLabel = "DESTINATION",
      defaultValue = Pause.ALL,
      description = "A topic or queue; * matches any text. Without it, everything is paused.")
  private String destination = Pause.ALL;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "The reason, which status and the console show.")
  private @Nullable String reason;

  PauseCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var pause =
        relay.at(
            (connection, names) ->
                new PauseTable(connection, names).pause(destination, reason, CurrentUser.author()));
    output.write(relay.out(), PauseJson.of(pause), () -> pause.what() + " is " + pause.sentence());
    return ExitCode.OK.number();
  }
}

package io.outboxrelay.app;

import io.outboxrelay.json.PauseJson;
import io.outboxrelay.pause.Pause;
import io.outboxrelay.pause.PauseTable;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code resume}: ends a pause. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = "Ends the pause of DESTINATION; without it, the pause of everything.")
final class ResumeCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  @Parameters(
      arity = "0..1",
      paramLabel = "DESTINATION",
      defaultValue = Pause.ALL,
      description = "The destination as it was given to pause; status shows it.")
  private String destination = Pause.ALL;

  ResumeCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var pause =
        relay.at(
            (connection, names) ->
                new PauseTable(connection, names).resume(destination, CurrentUser.author()));
    output.write(
        relay.out(),
        PauseJson.of(pause),
        () -> pause.what() + " goes on; it was " + pause.sentence());
    return ExitCode.OK.number();
  }
}

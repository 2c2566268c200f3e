package io.outboxrelay.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code help}: explains a command, as its option {@code --help} does. */
@Command(
    name = "help",
    mixinStandardHelpOptions = true,
    description = "Explains a command, such as in help dead-letters retry.")
final class HelpCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "The command and its subcommand.")
  private List<String> words = new ArrayList<>();

  HelpCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var command = spec.root().commandLine();
    for (String word : words) {
      var next = command.getSubcommands().get(word);
      if (next == null) {
        throw new ParameterException(
            spec.commandLine(), "There is no command '" + String.join(" ", words) + "'");
      }
      command = next;
    }
    command.usage(relay.out());
    return ExitCode.OK.number();
  }
}

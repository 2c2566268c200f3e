package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterCommands;
import io.outboxrelay.deadletter.DeadLetterExport;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code dead-letters}: holds the code that its subcommands share and does nothing
 * itself.
 */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Lists, retries, discards or edits events that the broker did not accept.",
      "The command needs only the database, so it runs on any machine; the leading relay publishes."
    })
final class DeadLettersCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Spec private CommandSpec spec = CommandSpec.create();

  DeadLettersCommand(RelayCommand relay) {
    this.relay = relay;
  }

  /** Returns the command with its subcommands. */
  static CommandLine commandLine(RelayCommand relay) {
    var command = new DeadLettersCommand(relay);
    return new CommandLine(command)
        .addSubcommand(new DeadLettersListCommand(command))
        .addSubcommand(new DeadLettersShowCommand(command))
        .addSubcommand(new DeadLettersRetryCommand(command))
        .addSubcommand(new DeadLettersDiscardCommand(command))
        .addSubcommand(new DeadLettersEditCommand(command))
        .addSubcommand(new DeadLettersExportCommand(command));
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "A subcommand is missing: name one of list, show, retry, discard, edit and export");
  }

  PrintWriter out() {
    return relay.out();
  }

  /** Reads dead letters for an export from the configured database. */
  <T> T export(Function<DeadLetterExport, Future<T>> work) {
    return relay.at((connection, names) -> work.apply(new DeadLetterExport(connection, names)));
  }

  /** Runs {@code work} on the dead letters of the configured database. */
  <T> T at(Function<DeadLetterCommands, Future<T>> work) {
    return relay.at(
        (connection, names) ->
            work.apply(new DeadLetterCommands(connection, names, CurrentUser.author())));
  }
}

package io.outboxrelay.app;

import io.outboxrelay.account.AccountDifference;
import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.format.TimestampFormat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The command {@code differences}: lists the ranges of sequence numbers in which the outbox differs
 * from what was delivered.
 */
@Command(
    name = "differences",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[COMMAND]",
    description = {
      "Lists the ranges of sequence numbers in which the outbox holds other events than were"
          + " delivered. The clean-up deletes nothing from them.",
      "The command check explains each and says what to do; replay --numbers sends a range again."
    })
final class DifferencesCommand implements Callable<Integer> {
  private static final int MOST = 1_000;

  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  DifferencesCommand(RelayCommand relay) {
    this.relay = relay;
  }

  /** Returns the command with its subcommand. */
  static CommandLine commandLine(RelayCommand relay) {
    return new CommandLine(new DifferencesCommand(relay))
        .addSubcommand(new DifferencesAcceptCommand(relay));
  }

  @Override
  public Integer call() {
    var differences =
        relay.at((connection, names) -> AccountDifferences.list(connection, names, MOST));
    output.write(
        relay.out(),
        new JsonObject()
            .put(
                "differences",
                new JsonArray(differences.stream().map(DifferencesCommand::json).toList())),
        () -> report(differences));
    return ExitCode.OK.number();
  }

  private static String report(List<AccountDifference> differences) {
    return differences.isEmpty()
        ? "the outbox holds what was delivered, as far as was compared"
        : differences.stream()
            .map(
                difference ->
                    difference.sentence()
                        + " (found "
                        + TimestampFormat.of(difference.foundAt())
                        + ")")
            .collect(Collectors.joining(System.lineSeparator()));
  }

  private static JsonObject json(AccountDifference difference) {
    return new JsonObject()
        .put("first", difference.first())
        .put("last", difference.last())
        .put("delivered", difference.delivered())
        .put("standing", difference.standing())
        .put("foundAt", difference.foundAt().toInstant())
        .put("message", difference.sentence());
  }
}

package io.outboxrelay.app;

import io.outboxrelay.json.DeadLetterJson;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code dead-letters retry}: asks the relay to publish dead letters again. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    description = {
      "Asks the leading relay to publish rejected events again.",
      "The blocked events behind a rejected one follow it in order, before live events of the"
          + " aggregate. The command does not wait for the outcome."
    })
final class DeadLettersRetryCommand implements Callable<Integer> {
  private final DeadLettersCommand deadLetters;
  @Mixin private CommandOutput output = new CommandOutput();
  @Mixin private BulkOptions options = new BulkOptions();

  DeadLettersRetryCommand(DeadLettersCommand deadLetters) {
    this.deadLetters = deadLetters;
  }

  @Override
  public Integer call() {
    var selection = options.selection();
    var bulkResult = deadLetters.at(commands -> commands.retry(selection, options.isDryRun()));
    String sentence = bulkResult.retried(options.isDryRun());
    output.write(
        deadLetters.out(),
        DeadLetterJson.changed(bulkResult, options.isDryRun(), sentence),
        () -> sentence);
    return ExitCode.ofChange(bulkResult).number();
  }
}

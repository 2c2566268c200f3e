package io.outboxrelay.app;

import io.outboxrelay.json.DeadLetterJson;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The command {@code dead-letters discard}: removes dead letters, so that their events are never
 * published.
 */
@Command(
    name = "discard",
    mixinStandardHelpOptions = true,
    description = {
      "Discards rejected events, so they are never published.",
      "The blocked events behind a discarded one are healthy: they are published, in order, up to"
          + " the next rejected event of their aggregate. --dry-run tells both numbers."
    })
final class DeadLettersDiscardCommand implements Callable<Integer> {
  private final DeadLettersCommand deadLetters;
  @Mixin private CommandOutput output = new CommandOutput();
  @Mixin private BulkOptions options = new BulkOptions();

  DeadLettersDiscardCommand(DeadLettersCommand deadLetters) {
    this.deadLetters = deadLetters;
  }

  @Override
  public Integer call() {
    var selection = options.selection();
    var bulkResult = deadLetters.at(commands -> commands.discard(selection, options.isDryRun()));
    String sentence = bulkResult.discarded(options.isDryRun());
    output.write(
        deadLetters.out(),
        DeadLetterJson.changed(bulkResult, options.isDryRun(), sentence),
        () -> sentence);
    return ExitCode.ofChange(bulkResult).number();
  }
}

package io.outboxrelay.app;

import io.outboxrelay.report.DeadLetterReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Has dead letters published after all. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    description = {
      "Asks the leading relay to publish rejected events again.",
      "The blocked events behind one follow it in order, before live events of the aggregate. The"
          + " command does not wait for the outcome."
    })
final class DeadLettersRetryCommand implements Callable<Integer> {
  private final DeadLettersCommand letters;
  @Mixin private Output output = new Output();
  @Mixin private BulkOptions options = new BulkOptions();

  DeadLettersRetryCommand(DeadLettersCommand letters) {
    this.letters = letters;
  }

  @Override
  public Integer call() {
    var selection = options.selection();
    var tally = letters.at(desk -> desk.retry(selection, options.isDryRun()));
    String sentence = tally.retried(options.isDryRun());
    output.write(
        letters.out(),
        DeadLetterReport.changed(tally, options.isDryRun(), sentence),
        () -> sentence);
    return ExitCode.ofChange(tally).number();
  }
}

package io.outboxrelay.app;

import io.outboxrelay.report.DeadLetterReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Gives dead letters up. */
@Command(
    name = "discard",
    mixinStandardHelpOptions = true,
    description = {
      "Gives rejected events up.",
      "The blocked events behind a discarded one are healthy: they are published, in order, up to"
          + " the next rejected event of their aggregate. --dry-run tells both numbers."
    })
final class DeadLettersDiscardCommand implements Callable<Integer> {
  private final DeadLettersCommand letters;
  @Mixin private Output output = new Output();
  @Mixin private BulkOptions options = new BulkOptions();

  DeadLettersDiscardCommand(DeadLettersCommand letters) {
    this.letters = letters;
  }

  @Override
  public Integer call() {
    var selection = options.selection();
    var tally = letters.at(desk -> desk.discard(selection, options.isDryRun()));
    String sentence = tally.discarded(options.isDryRun());
    output.write(
        letters.out(),
        DeadLetterReport.changed(tally, options.isDryRun(), sentence),
        () -> sentence);
    return ExitCode.ofChange(tally).number();
  }
}

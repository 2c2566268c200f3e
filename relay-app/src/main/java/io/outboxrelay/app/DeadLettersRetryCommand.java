package io.outboxrelay.app;

import io.outboxrelay.deadletter.Tally;
import io.outboxrelay.report.DeadLetterReport;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Has dead letters published after all. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    description = {
      "Asks the leading relay to publish dead letters: a skipped one by itself, a parked one with all",
      "of its aggregate, in order, before live events of it follow. Does not wait for the outcome."
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
    output.write(
        letters.out(),
        DeadLetterReport.changed(tally, options.isDryRun()),
        () -> report(tally, options.isDryRun()));
    return ExitCode.ofChange(tally).number();
  }

  static String report(Tally tally, boolean dryRun) {
    String busy =
        tally.busy() == 0
            ? ""
            : String.format(Locale.ROOT, "; %,d being retried already", tally.busy());
    return String.format(
        Locale.ROOT,
        "%,d dead letter%s matched; %s %,d aggregates or single events%s",
        tally.matched(),
        tally.matched() == 1 ? "" : "s",
        dryRun ? "would retry" : "retrying",
        tally.done(),
        busy);
  }
}

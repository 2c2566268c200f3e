package io.outboxrelay.app;

import io.outboxrelay.deadletter.Tally;
import io.outboxrelay.report.DeadLetterReport;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Gives dead letters up. */
@Command(
    name = "discard",
    mixinStandardHelpOptions = true,
    description = {
      "Gives dead letters up: they are never published. Where one was the head of its aggregate, those",
      "that only waited behind it are published in order; one that was rejected itself goes on waiting."
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
            : String.format(
                Locale.ROOT, "; %,d left alone, as they are being retried", tally.busy());
    return String.format(
        Locale.ROOT,
        "%s %,d dead letter%s%s",
        dryRun ? "would discard" : "discarded",
        tally.done(),
        tally.done() == 1 ? "" : "s",
        busy);
  }
}

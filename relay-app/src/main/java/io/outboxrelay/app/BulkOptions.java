package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterFilter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which dead letters a command changes: none by mistake. */
final class BulkOptions {
  @Mixin private SelectionOptions options = new SelectionOptions();

  @Option(names = "--all", description = "All rejected events.")
  private boolean all;

  @Option(names = "--dry-run", description = "Says what it would do, and changes nothing.")
  private boolean dryRun;

  @Spec(Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  boolean isDryRun() {
    return dryRun;
  }

  /** The selection; refuses one of everything that nobody asked for. */
  DeadLetterFilter selection() {
    var selection = options.selection();
    if (selection.isEverything() != all) {
      throw new ParameterException(
          command.commandLine(),
          all
              ? "--all is there beside a choice of some; leave one of them out"
              : "Which dead letters? Name sequence numbers, a filter such as --aggregate, or"
                  + " --all");
    }
    return selection;
  }
}

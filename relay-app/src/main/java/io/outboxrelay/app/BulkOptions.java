package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterFilter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/**
 * The options that select the dead letters to change. Changing all of them requires {@code --all}.
 */
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

  /**
   * Returns the filter that the options describe. Throws if the options select all dead letters
   * without {@code --all}.
   */
  DeadLetterFilter selection() {
    var selection = options.selection();
    if (selection.isEverything() != all) {
      throw new ParameterException(
          command.commandLine(),
          all
              ? "--all and a filter are both given; leave one of them out"
              : "No dead letters are chosen: name sequence numbers, a filter such as --aggregate,"
                  + " or --all");
    }
    return selection;
  }
}

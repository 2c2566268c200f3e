package io.outboxrelay.app;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option for the width of tables. */
final class TableOptions {
  /** The width in characters if the output is not a terminal but, for example, a file or a pipe. */
  private static final int USUAL = 100;

  private static final int LEAST = 40;

  @Option(
      names = "--wide",
      description =
          "Shows all of each column. Without it the table fits the terminal, or COLUMNS, or 100"
              + " characters.")
  private boolean wide;

  @Spec(Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  TextTable.Layout layout() {
    return wide
        ? TextTable.Layout.full()
        : TextTable.Layout.within(width(System.getenv("COLUMNS")));
  }

  /**
   * Returns the width of tables in characters. Since JDK 22, a process can have a console without a
   * terminal; the width is then picocli's default of 80.
   */
  @SuppressWarnings("SystemConsoleNull")
  private int width(String columns) {
    try {
      return Math.max(LEAST, Integer.parseInt(String.valueOf(columns)));
    } catch (NumberFormatException e) {
      return System.console() == null
          ? USUAL
          : Math.max(LEAST, command.root().usageMessage().width());
    }
  }
}

package io.outboxrelay.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Where the benchmarks start. */
@Command(
    name = "load-tests/bench",
    mixinStandardHelpOptions = true,
    subcommands = {
      DrainCommand.class,
      SteadyCommand.class,
      WriteOverheadCommand.class,
      SaturateCommand.class,
      LongTransactionCommand.class,
      HotKeyCommand.class,
      CostCommand.class,
      IdleCommand.class,
      FailoverCommand.class,
      BaselineCommand.class
    },
    description = "Measures the relay on real services that it starts itself.")
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Gives the exit code. */
  static int run(String... args) {
    return new CommandLine(new BenchMain()).execute(args);
  }
}

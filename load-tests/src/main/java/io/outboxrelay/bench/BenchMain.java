package io.outboxrelay.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of the benchmarks. */
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
      RatesCommand.class,
      DestinationsCommand.class,
      IdleCommand.class,
      StartCommand.class,
      FailoverCommand.class,
      TrainCommand.class,
      BaselineCommand.class
    },
    description = "Measures the relay on real services that it starts itself.")
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a benchmark and returns its exit code. */
  static int run(String... args) {
    return new CommandLine(new BenchMain()).execute(args);
  }
}

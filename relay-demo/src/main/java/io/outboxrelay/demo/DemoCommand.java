package io.outboxrelay.demo;

import io.outboxrelay.testkit.BrokerType;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command line of the demo. */
@Command(
    name = "./demo",
    description = {
      "Writes orders to a real PostgreSQL from several connections, relays their events",
      "to a real broker, and shows that each arrives once and in order.",
      "Ctrl-C ends it. With --keep it runs on, and prints how to look around."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every committed event arrived, once and in order; with --keep: ended cleanly",
      "1:an event was lost, repeated or out of order, or something failed",
      "2:a mistake in the command line"
    })
final class DemoCommand implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int BRISK = 500;
  private static final int GENTLE = 5;

  private final StopRequest stop;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--broker",
      paramLabel = "kafka|rabbitmq",
      description = "The broker to publish to; default: ${DEFAULT-VALUE}.")
  private BrokerType broker = BrokerType.KAFKA;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Transactions a second over all connections; default: "
              + BRISK
              + ", or "
              + GENTLE
              + " with --keep.")
  private @Nullable Integer rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long to write orders; default: until Ctrl-C.")
  private @Nullable Long seconds;

  @Option(
      names = "--keep",
      description = "Leaves everything running until Ctrl-C, with the console open.")
  private boolean keep;

  @Option(names = "--help", usageHelp = true, description = "Shows this text.")
  @SuppressWarnings("UnusedVariable") // handled by picocli itself
  private boolean help;

  private DemoCommand(StopRequest stop) {
    this.stop = stop;
  }

  static CommandLine commandLine(StopRequest stop) {
    return new CommandLine(new DemoCommand(stop))
        .registerConverter(BrokerType.class, DemoCommand::broker)
        .setParameterExceptionHandler(DemoCommand::misused)
        .setExecutionExceptionHandler(DemoCommand::failed);
  }

  private static BrokerType broker(String name) {
    return BrokerType.named(name)
        .orElseThrow(
            () -> new TypeConversionException("'" + name + "' is neither kafka nor rabbitmq"));
  }

  private static int misused(ParameterException mistake, String[] arguments) {
    var command = mistake.getCommandLine();
    command.getErr().println(mistake.getMessage());
    command.getErr().println("./demo --help lists the options.");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
    command.getErr().println("The demo failed: " + failure.getMessage());
    for (var cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      command.getErr().println("  because: " + cause);
    }
    return FAILED;
  }

  @Override
  public Integer call() throws Exception {
    int paced = rate != null ? rate : keep ? GENTLE : BRISK;
    long lasting = seconds != null ? seconds : Long.MAX_VALUE;
    require(
        paced >= 1 && paced <= 100_000, "--rate", paced, "from 1 to 100000 transactions a second");
    require(lasting >= 1, "--seconds", lasting, "at least 1");
    require(
        !keep || seconds == null, "--seconds", lasting, "left out with --keep, which has no end");
    var session = new DemoSession(broker, stop, ProgressDisplay.ofTerminal());
    var succeeded = keep ? session.keep(paced) : session.prove(paced, lasting);
    return succeeded ? CommandLine.ExitCode.OK : FAILED;
  }

  private void require(boolean met, String option, long given, String expected) {
    if (!met) {
      throw new ParameterException(
          spec.commandLine(), option + " is " + given + ", but must be " + expected + ".");
    }
  }
}

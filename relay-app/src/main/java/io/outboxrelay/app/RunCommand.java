package io.outboxrelay.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The command {@code run}: publishes events until a signal stops it. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Publishes events until SIGTERM or Ctrl-C. This is the default command.")
final class RunCommand implements Callable<Integer> {
  private final RelayCommand relay;

  RunCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    return RelayRun.untilStopped(relay::session);
  }
}

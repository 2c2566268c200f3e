package io.outboxrelay.app;

import io.outboxrelay.window.Rebase;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Makes the outbox usable again after its database was restored from a dump. */
@Command(
    name = "rebase",
    mixinStandardHelpOptions = true,
    description =
        "After a restore from a dump into another cluster: adopts the outbox there. Publishes"
            + " nothing; events that waited go on waiting, none is lost or published again."
            + " Needs the role that owns the tables, and every relay stopped.")
final class RebaseCommand implements Callable<Integer> {
  private final RelayCommand relay;

  RebaseCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    try (var session = relay.session()) {
      var names = session.config().relay().outbox().names();
      long waiting = session.connected(connection -> Rebase.run(connection, names)).await();
      relay.out().println("re-based; " + waiting + " events wait to be published");
      return ExitCode.OK.number();
    }
  }
}

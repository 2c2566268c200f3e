package io.outboxrelay.app;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.window.Rebase;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The command {@code rebase}: makes the outbox usable after its database was restored from a dump.
 */
@Command(
    name = "rebase",
    mixinStandardHelpOptions = true,
    description =
        "Makes the outbox usable after its database was restored from a dump into another cluster."
            + " Publishes nothing; events that waited go on waiting. Restore the outbox's sequence"
            + " before applications write, because events can be missed otherwise. Stop every relay"
            + " first.")
final class RebaseCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  RebaseCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    long waiting = relay.at(Rebase::run);
    output.write(relay.out(), new JsonObject().put("waiting", waiting), () -> report(waiting));
    return ExitCode.OK.number();
  }

  static String report(long waiting) {
    return "re-based; "
        + CountFormat.of(waiting, "event waits to be published", "events wait to be published");
  }
}

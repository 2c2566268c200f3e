package io.outboxrelay.app;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.format.CountFormat;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * The command {@code differences accept}: accepts ranges in which the outbox differs from the
 * account, so that the clean-up deletes their events.
 */
@Command(
    name = "accept",
    mixinStandardHelpOptions = true,
    description = {
      "Counts the events in the ranges as delivered, so the clean-up deletes them once they are"
          + " older than outbox.retention. Publishes nothing; to send a range again, run"
          + " replay --numbers first. The audit log gets an entry."
    })
final class DifferencesAcceptCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  @Parameters(
      paramLabel = "FIRST-LAST",
      converter = NumberRange.Converter.class,
      description =
          "The sequence numbers, such as 4096-8191; every range that contains one is accepted.")
  private NumberRange numbers = new NumberRange(0, 0);

  DifferencesAcceptCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    long accepted =
        relay.at(
            (connection, names) ->
                AccountDifferences.accept(
                    connection, names, numbers.first(), numbers.last(), CurrentUser.author()));
    output.write(
        relay.out(),
        new JsonObject().put("accepted", accepted),
        () ->
            accepted == 0
                ? "no range of these numbers differs; nothing was changed"
                : CountFormat.of(
                        accepted, "range is accepted as it is", "ranges are accepted as they are")
                    + "; the clean-up continues there");
    return (accepted == 0 ? ExitCode.REFUSED : ExitCode.OK).number();
  }
}

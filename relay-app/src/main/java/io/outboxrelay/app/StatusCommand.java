package io.outboxrelay.app;

import io.outboxrelay.doctor.Outlook;
import io.outboxrelay.doctor.ShardStatus;
import io.outboxrelay.verdict.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Says how far the relay is. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Says how the relays get on in one sentence, as far as the database tells;",
      "and who leads, how many events wait and for how long, as the stored checkpoint has it.",
      "Ends with 0 whenever it can tell, also where nobody leads."
    })
final class StatusCommand implements Callable<Integer> {
  private final RelayCommand relay;

  StatusCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    try (var session = relay.session()) {
      var outbox = session.config().relay().outbox();
      var names = outbox.names();
      var shards = session.connected(connection -> ShardStatus.read(connection, names)).await();
      var told = session.connected(connection -> Outlook.read(connection, names)).await();
      relay
          .out()
          .printf(
              Locale.ROOT,
              "%s%noutbox   %s.%s in %s%n%s",
              Verdict.of(told),
              outbox.schema(),
              outbox.table(),
              session.config().database().summary(),
              report(shards));
      relay.out().flush();
      return ExitCode.OK.number();
    }
  }

  static String report(List<ShardStatus> shards) {
    var report = new StringBuilder();
    for (var shard : shards) {
      report.append(
          String.format(
              Locale.ROOT,
              "shard %d  %s; epoch %d, checkpoint written %s ago%nwaiting  %s%n",
              shard.shard(),
              leader(shard),
              shard.epoch(),
              seconds(shard.checkpointAge()),
              waiting(shard)));
    }
    return report.toString();
  }

  private static String leader(ShardStatus shard) {
    if (shard.led()) {
      return "led by " + shard.owner().orElse("somebody");
    }
    return "led by nobody" + shard.owner().map(last -> ", last by " + last).orElse(" so far");
  }

  private static String waiting(ShardStatus shard) {
    String events =
        shard.waiting() > ShardStatus.COUNTED
            ? String.format(Locale.ROOT, "more than %,d events", ShardStatus.COUNTED)
            : String.format(
                Locale.ROOT, "%,d event%s", shard.waiting(), shard.waiting() == 1 ? "" : "s");
    return events + shard.oldest().map(age -> ", the oldest for " + seconds(age)).orElse("");
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%,.1f s", duration.toMillis() / 1000.0);
  }
}

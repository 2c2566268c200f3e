package io.outboxrelay.app;

import io.outboxrelay.doctor.Outlook;
import io.outboxrelay.doctor.ShardStatus;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.report.Standings;
import io.outboxrelay.report.VerdictReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how far the relay is. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Says in one sentence how the relays get on, as far as the database tells.",
      "Then it says which relay leads, how many events wait and for how long, as of the stored"
          + " checkpoint. Ends with 0 whenever it can tell, also if no relay leads."
    })
final class StatusCommand implements Callable<Integer> {
  private final RelayCommand relay;

  @Mixin private Output output = new Output();

  @Option(names = "--watch", description = "Says it again and again, until Ctrl-C.")
  private boolean watch;

  @Option(
      names = "--every",
      converter = Some.class,
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "How often, with --watch (default: ${DEFAULT-VALUE}).")
  private int every = 2;

  StatusCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (var session = relay.session()) {
      boolean again = tell(session);
      while (again) {
        Thread.sleep(every * 1000L);
        again = tell(session);
      }
      return ExitCode.OK.number();
    }
  }

  /** Says whether to go on. */
  private boolean tell(Session session) {
    var names = session.config().relay().outbox().names();
    String database = session.config().database().summary();
    var standings = session.connected(connection -> Standings.read(connection, names)).await();
    var told = session.connected(connection -> Outlook.read(connection, names)).await();
    var verdict = VerdictReport.verdict(told, standings.pauses());
    var foreign = session.connected(connection -> ForeignLock.find(connection, names)).await();
    output.write(
        relay.out(),
        standings
            .toJson(names, database, Set.of())
            .put("verdict", VerdictReport.of(verdict))
            .put("foreignLocks", new JsonArray(foreign.stream().map(StatusCommand::json).toList())),
        () ->
            String.format(
                Locale.ROOT,
                "%s%noutbox   %s.%s in %s%n%s%s%s",
                PlainText.line(verdict.toString()),
                names.schema(),
                names.table(),
                database,
                report(standings.shards()),
                others(standings),
                foreign(foreign)));
    return watch && !relay.out().checkError();
  }

  private static JsonObject json(ForeignLock lock) {
    return new JsonObject()
        .put("pid", lock.pid())
        .put("role", lock.role())
        .put("application", lock.application())
        .put("shard", lock.shard().orElse(null))
        .put("sentence", lock.sentence())
        .put("remedy", lock.remedy());
  }

  private static String foreign(List<ForeignLock> locks) {
    var report = new StringBuilder();
    for (var lock : locks) {
      report.append("foreign  %s%n         -> %s%n".formatted(lock.sentence(), lock.remedy()));
    }
    return report.toString();
  }

  private static String others(Standings standings) {
    var report = new StringBuilder();
    var letters = standings.letters();
    if (letters.count().rejected() + letters.count().others() > 0) {
      report.append("events   %s%n".formatted(DeadLettersListCommand.summary(letters)));
    }
    for (var pause : standings.pauses().list()) {
      report.append(
          "paused   %s: %s%n"
              .formatted(PlainText.line(pause.destination()), PlainText.line(pause.sentence())));
    }
    for (var open : standings.open()) {
      report.append(
          "open     transaction of process %d (%s, %s) since %s%n"
              .formatted(
                  open.pid(),
                  open.application(),
                  open.state(),
                  open.age().map(StatusCommand::seconds).orElse("a time that is hidden")));
    }
    return report.toString();
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

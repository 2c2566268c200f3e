package io.outboxrelay.app;

import io.outboxrelay.check.OfflineStatusReader;
import io.outboxrelay.json.StatusJson;
import io.outboxrelay.json.StatusSnapshot;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.StatusInputs;
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

/** The command {@code status}: reports the status of the relays as far as the database knows it. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description =
        "Shows the status of the relays, as far as the database knows it: one sentence, the leader"
            + " of each shard, and how many events wait and for how long. Ends with 0 if the status"
            + " is known, unless --exit-code is given.")
final class StatusCommand implements Callable<Integer> {
  private final RelayCommand relay;

  @Mixin private CommandOutput output = new CommandOutput();

  @Option(names = "--watch", description = "Repeats until Ctrl-C.")
  private boolean watch;

  @Option(
      names = "--every",
      converter = PositiveIntConverter.class,
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "How often, with --watch (default: ${DEFAULT-VALUE}).")
  private int every = 2;

  @Option(
      names = "--exit-code",
      description =
          "Ends with 0 if events are delivered or none waits, 10 for a warning, 11 if stuck, 12 if"
              + " a shard has no leader; for scripts and probes.")
  private boolean exitCode;

  private ExitCode last = ExitCode.OK;

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
      return (exitCode ? last : ExitCode.OK).number();
    }
  }

  /** Reads and writes the status once; returns true if the command continues. */
  private boolean tell(CommandContext session) {
    var names = session.config().relay().outbox().names();
    String database = session.config().database().summary();
    var standings = session.connected(connection -> StatusSnapshot.read(connection, names)).await();
    var told =
        session
            .connected(
                connection -> OfflineStatusReader.read(connection, names, standings.shards()))
            .await();
    var verdict = StatusJson.verdict(told, standings.pauses());
    last = ExitCode.of(verdict, told);
    var foreign = session.connected(connection -> ForeignLock.find(connection, names)).await();
    output.write(
        relay.out(),
        standings
            .toJson(names, database, Set.of())
            .put("status", StatusJson.of(verdict))
            .put("foreignLocks", new JsonArray(foreign.stream().map(StatusCommand::json).toList())),
        () ->
            String.format(
                Locale.ROOT,
                "%s%noutbox: %s.%s in %s%n%s%s%s%s",
                PlainText.line(verdict.toString()),
                names.schema(),
                names.table(),
                database,
                report(standings.shards()),
                others(standings),
                differing(told),
                foreign(foreign)));
    return watch && !relay.out().checkError();
  }

  private static JsonObject json(ForeignLock lock) {
    return new JsonObject()
        .put("pid", lock.pid())
        .put("role", lock.role())
        .put("application", lock.application())
        .put("shard", lock.shard().orElse(null))
        .put("message", lock.sentence())
        .put("remedy", lock.remedy());
  }

  /** A verdict such as that of a shard without leader does not mention the differences. */
  private static String differing(StatusInputs told) {
    return told.differences().clause().map("differs: %s%n"::formatted).orElse("");
  }

  private static String foreign(List<ForeignLock> locks) {
    var report = new StringBuilder();
    for (var lock : locks) {
      report.append("foreign: %s%n         -> %s%n".formatted(lock.sentence(), lock.remedy()));
    }
    return report.toString();
  }

  private static String others(StatusSnapshot standings) {
    var report = new StringBuilder();
    var deadLetters = standings.deadLetters();
    if (deadLetters.count().rejected() + deadLetters.count().others() > 0) {
      report.append("events: %s%n".formatted(DeadLettersListCommand.summary(deadLetters)));
    }
    for (var pause : standings.pauses().list()) {
      report.append(
          "paused: %s: %s%n"
              .formatted(PlainText.line(pause.destination()), PlainText.line(pause.sentence())));
    }
    for (var open : standings.open()) {
      report.append(
          "open: transaction of process %d (%s, %s) since %s%n"
              .formatted(
                  open.pid(),
                  open.application(),
                  open.state(),
                  open.age().map(StatusCommand::seconds).orElse("a time that is hidden")));
    }
    return report.toString();
  }

  static String report(List<ShardRow> shards) {
    var report = new StringBuilder();
    for (var shard : shards) {
      report.append(
          String.format(
              Locale.ROOT,
              "shard %d: %s; epoch %d, checkpoint written %s ago%nwaiting: %s%n",
              shard.shard(),
              leader(shard),
              shard.epoch(),
              seconds(shard.checkpointAge()),
              waiting(shard)));
    }
    return report.toString();
  }

  private static String leader(ShardRow shard) {
    return shard
        .leader()
        .map(leader -> "led by " + leader)
        .orElseGet(
            () ->
                "no leader"
                    + shard.owner().map(last -> ", the last one was " + last).orElse(" so far"));
  }

  private static String waiting(ShardRow shard) {
    return String.format(
            Locale.ROOT,
            "%s%,d event%s",
            shard.isMore() ? "about " : "",
            shard.waiting(),
            shard.waiting() == 1 ? "" : "s")
        + shard.oldest().map(age -> ", the oldest for " + seconds(age)).orElse("");
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%,.1f s", duration.toMillis() / 1000.0);
  }
}

package io.outboxrelay.app;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.format.ElapsedTimeFormat;
import io.outboxrelay.json.StatusJson;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.ReportedSource;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.StatusSnapshot;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
    var snapshot = session.connected(connection -> StatusSnapshot.read(connection, names)).await();
    var inputs = snapshot.inputs();
    var verdict = RelayStatus.of(inputs);
    last = ExitCode.of(verdict, inputs);
    var foreign = snapshot.sessions().foreignLocks();
    output.write(
        relay.out(),
        StatusJson.of(snapshot, names, database, Set.of())
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
                report(snapshot.shards(), snapshot.sources()),
                others(snapshot),
                differing(snapshot),
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

  /**
   * Returns a line about the ranges in which the outbox differs from the account. It is a line of
   * its own, because some verdicts, such as that of a shard without a leader, do not mention the
   * differences.
   */
  private static String differing(StatusSnapshot snapshot) {
    return snapshot.differences().clause().map("differs: %s%n"::formatted).orElse("");
  }

  private static String foreign(List<ForeignLock> locks) {
    var report = new StringBuilder();
    for (var lock : locks) {
      report.append("foreign: %s%n         -> %s%n".formatted(lock.sentence(), lock.remedy()));
    }
    return report.toString();
  }

  private static String others(StatusSnapshot snapshot) {
    var report = new StringBuilder();
    var deadLetters = snapshot.deadLetters();
    if (deadLetters.count().rejected() + deadLetters.count().others() > 0) {
      report.append("events: %s%n".formatted(DeadLettersListCommand.summary(deadLetters)));
    }
    for (var pause : snapshot.pauses().list()) {
      report.append(
          "paused: %s: %s%n"
              .formatted(PlainText.line(pause.destination()), PlainText.line(pause.sentence())));
    }
    for (var open : snapshot.sessions().transactions()) {
      report.append(
          "open: transaction of process %d (%s, %s) since %s%n"
              .formatted(
                  open.pid(),
                  open.application(),
                  open.state(),
                  open.age().map(ElapsedTimeFormat::of).orElse("a time that is hidden")));
    }
    return report.toString();
  }

  static String report(List<ShardRow> shards, Map<Integer, ReportedSource> sources) {
    var report = new StringBuilder();
    for (var shard : shards) {
      report.append(
          String.format(
              Locale.ROOT,
              "shard %d: %s; epoch %d, checkpoint written %s ago%nwaiting: %s%n%s",
              shard.shard(),
              leader(shard),
              shard.ownership().epoch(),
              ElapsedTimeFormat.of(shard.progress().checkpointAge()),
              waiting(shard),
              source(sources.get(shard.shard()))));
    }
    return report.toString();
  }

  private static String source(@Nullable ReportedSource source) {
    return source == null
        ? ""
        : String.format(
            Locale.ROOT,
            "source: the %s, for %s%s%n",
            source.isLog() ? "write-ahead log" : "table",
            ElapsedTimeFormat.of(source.age()),
            source.sentence().isEmpty() ? "" : ": " + PlainText.line(source.sentence()));
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
    var waiting = shard.waiting();
    return (waiting.isMore() ? "about " : "")
        + CountFormat.of(waiting.count(), "event")
        + waiting.oldest().map(age -> ", the oldest for " + ElapsedTimeFormat.of(age)).orElse("");
  }
}

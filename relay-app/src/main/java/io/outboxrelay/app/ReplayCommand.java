package io.outboxrelay.app;

import io.outboxrelay.history.Archive;
import io.outboxrelay.history.Replay;
import io.outboxrelay.history.Survey;
import io.outboxrelay.report.ReplayReport;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Has events that the outbox still holds sent once more. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[COMMAND]",
    description = {
      "Sends delivered events that the outbox still holds once more, in order per aggregate.",
      "Each gets the header event-replay. Events that still wait and dead letters are left out. The"
          + " command works on the database alone, from any machine; the relay that leads shard 0"
          + " does the rest."
    })
final class ReplayCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private ReplayOptions options = new ReplayOptions();
  @Mixin private Output output = new Output();

  @Option(names = "--watch", description = "Stays until it is over, and says how far it is.")
  private boolean watch;

  ReplayCommand(RelayCommand relay) {
    this.relay = relay;
  }

  /** With its subcommands. */
  static CommandLine commandLine(RelayCommand relay) {
    var command = new ReplayCommand(relay);
    return new CommandLine(command)
        .addSubcommand(new ReplayListCommand(command))
        .addSubcommand(new ReplayShowCommand(command))
        .addSubcommand(new ReplayCancelCommand(command));
  }

  @Override
  public Integer call() {
    var request = options.request();
    if (options.isDryRun()) {
      var survey = at(archive -> archive.survey(request));
      output.write(out(), ReplayReport.planned(request, survey), () -> report(survey));
      return ExitCode.OK.number();
    }
    var replay = at(archive -> archive.ask(request, Operator.author()));
    if (watch) {
      return new ReplayWatch(this, output).watch(replay);
    }
    output.write(out(), ReplayReport.of(replay), () -> report(replay));
    return ExitCode.OK.number();
  }

  static String report(Survey survey) {
    return String.format(Locale.ROOT, "would send %,d events", survey.matched())
        + (survey.remark().isEmpty() ? "" : "; " + survey.remark());
  }

  static String report(Replay replay) {
    return line(replay)
        + (replay.remark() == null ? "" : System.lineSeparator() + replay.remark())
        + System.lineSeparator()
        + "See how far it is with replay show %1$d, end it with replay cancel %1$d"
            .formatted(replay.id());
  }

  static String line(Replay replay) {
    return "replay " + replay.id() + ": " + replay.sentence();
  }

  PrintWriter out() {
    return relay.out();
  }

  /** Has something done in the configured database. */
  <T> T at(Function<Archive, Future<T>> work) {
    try (var session = relay.session()) {
      var config = session.config();
      var names = config.relay().outbox().names();
      return session
          .connected(connection -> work.apply(new Archive(connection, names, config.broker())))
          .await();
    }
  }

  Session session() {
    return relay.session();
  }
}

package io.outboxrelay.app;

import io.outboxrelay.history.Archive;
import io.outboxrelay.history.Replay;
import io.outboxrelay.history.Survey;
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
      "Has delivered events that the outbox still holds sent once more, in order per aggregate, each",
      "with the header event-replay. Leaves out what still waits and what is in the dead letters.",
      "Works on the database alone, from any machine; the relay that leads shard 0 does the rest."
    })
final class ReplayCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private ReplayOptions options = new ReplayOptions();
  @Mixin private OutputOption output = new OutputOption();

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
      say(output.isJson() ? survey.toJson().encode() : report(survey));
      return ExitCode.OK.number();
    }
    var replay = at(archive -> archive.ask(request));
    if (watch) {
      return new ReplayWatch(this, output).watch(replay);
    }
    say(output.isJson() ? replay.toJson().encode() : report(replay));
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

  void say(String lines) {
    PrintWriter out = relay.out();
    out.println(lines);
    out.flush();
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

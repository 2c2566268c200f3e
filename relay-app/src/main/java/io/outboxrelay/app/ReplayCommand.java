package io.outboxrelay.app;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.json.ReplayJson;
import io.outboxrelay.replay.Replay;
import io.outboxrelay.replay.ReplayPreview;
import io.outboxrelay.replay.ReplayService;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The command {@code replay}: publishes old events again, as far as the outbox still holds them.
 */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[COMMAND]",
    description = {
      "Publishes delivered events again, in order per aggregate, if the outbox still holds them.",
      "Each gets the header event-replay. Events that still wait and dead letters are left out. The"
          + " command needs only the database, so it runs on any machine; the relay that leads"
          + " shard 0 publishes."
    })
final class ReplayCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private ReplayOptions options = new ReplayOptions();
  @Mixin private CommandOutput output = new CommandOutput();

  @Option(
      names = "--watch",
      description = "Waits until the replay has ended, and shows its progress.")
  private boolean watch;

  ReplayCommand(RelayCommand relay) {
    this.relay = relay;
  }

  /** Returns the command with its subcommands. */
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
      var preview = at(archive -> archive.preview(request));
      output.write(out(), ReplayJson.planned(request, preview), () -> report(preview));
      return ExitCode.OK.number();
    }
    var replay = at(archive -> archive.ask(request, CurrentUser.author()));
    if (watch) {
      return new ReplayWatch(this, output).watch(replay);
    }
    output.write(out(), ReplayJson.of(replay), () -> report(replay));
    return ExitCode.OK.number();
  }

  static String report(ReplayPreview preview) {
    return "would send "
        + CountFormat.of(preview.matched(), "event")
        + (preview.remark().isEmpty() ? "" : "; " + preview.remark());
  }

  static String report(Replay replay) {
    return line(replay)
        + (replay.order().remark() == null ? "" : System.lineSeparator() + replay.order().remark())
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

  /** Runs {@code work} on the replays of the configured database. */
  <T> T at(Function<ReplayService, Future<T>> work) {
    try (var session = relay.session()) {
      var config = session.config();
      var names = config.relay().outbox().names();
      return session
          .connected(
              connection -> work.apply(new ReplayService(connection, names, config.broker())))
          .await();
    }
  }

  CommandContext session() {
    return relay.session();
  }
}

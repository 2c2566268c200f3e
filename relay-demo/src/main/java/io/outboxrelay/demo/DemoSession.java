package io.outboxrelay.demo;

import io.outboxrelay.testkit.BrokerType;
import io.outboxrelay.testkit.relay.PackagedRelay;
import io.outboxrelay.testkit.relay.RelayConfigFile;
import io.outboxrelay.testkit.relay.RelayServers;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/** One demo: starts the servers and the relay, runs it, and ends everything. */
final class DemoSession {
  private static final Path FOLDER = Path.of(".demo");

  /** The console listens on any free port, because the default one may be taken. */
  private static final String CONSOLE =
      """
      admin:
        api: true
        port: 0
      """;

  private final BrokerType choice;
  private final StopRequest stop;
  private final ProgressDisplay screen;

  /** Work that is done while servers and relay run. */
  private interface Act {
    boolean play(RelayServers servers, PackagedRelay packaged, DemoRelayProcess relay)
        throws InterruptedException, SQLException;
  }

  DemoSession(BrokerType choice, StopRequest stop, ProgressDisplay screen) {
    this.choice = choice;
    this.stop = stop;
    this.screen = screen;
  }

  /** Returns true if every promise was kept; returns after all servers and the relay have ended. */
  boolean prove(int rate, long seconds) throws IOException, InterruptedException, SQLException {
    return run(
            FOLDER,
            "",
            (servers, packaged, relay) ->
                new DemoRun(servers, relay, stop, screen).run(rate, seconds))
        .orElse(false);
  }

  /**
   * Stays up until a stop is requested, and leaves no file behind unless something failed. It uses
   * a folder of its own, so that another demo does not overwrite the files that a user works with.
   *
   * @return true if it ended cleanly
   */
  boolean keep(int rate) throws IOException, InterruptedException, SQLException {
    var folder = FOLDER.resolve("kept-" + ProcessHandle.current().pid());
    var clean =
        run(
                folder,
                CONSOLE,
                (servers, packaged, relay) ->
                    new KeptDemo(servers, relay, stop, screen)
                        .run(
                            rate,
                            LookAroundGuide.of(relay.awaitConsole(), choice, servers, packaged)))
            .orElse(true);
    if (clean) {
      delete(folder);
    }
    return clean;
  }

  /** Returns the result of the act, or nothing if a stop was requested before the act began. */
  private Optional<Boolean> run(Path folder, String sections, Act act)
      throws IOException, InterruptedException, SQLException {
    screen.say("Starting PostgreSQL and " + choice.title() + ".");
    try (var servers = RelayServers.start(choice)) {
      screen.say("  " + servers.postgres().origin());
      screen.say("  " + servers.broker().origin());
      return goesOn() ? relay(servers, folder, sections, act) : Optional.empty();
    }
  }

  private Optional<Boolean> relay(RelayServers servers, Path folder, String sections, Act act)
      throws IOException, InterruptedException, SQLException {
    servers.database().execute(OrderRepository.table());
    // The returned path is not used, because it is absolute if the folder was created.
    Files.createDirectories(folder);
    var config = RelayConfigFile.write(folder.resolve(choice + ".yaml"), servers, sections);
    screen.say("\nThe relay's configuration, " + config.path() + ":\n");
    screen.say(config.text().indent(2));
    var packaged = config.relay(PackagedRelay.JAR);
    var log = folder.resolve(choice + ".log");
    try (var relay = DemoRelayProcess.start(packaged, log, screen::say)) {
      return goesOn() ? Optional.of(act.play(servers, packaged, relay)) : Optional.empty();
    }
  }

  private boolean goesOn() {
    if (stop.requested()) {
      screen.say("\nStopped before an order was written, so nothing was verified.");
    }
    return !stop.requested();
  }

  /** Deletes a folder of the demo with its files, if it exists. */
  private void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
    try {
      Files.delete(FOLDER);
    } catch (DirectoryNotEmptyException e) {
      screen.say(FOLDER + " stays, because it holds files of other runs.");
    }
  }
}

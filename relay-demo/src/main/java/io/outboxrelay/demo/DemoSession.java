package io.outboxrelay.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** One demo: starts the servers and the relay, runs it, and ends everything. */
final class DemoSession {
  private static final Path FOLDER = Path.of(".demo");

  private final DemoBroker choice;
  private final int rate;
  private final long seconds;
  private final StopRequest stop;
  private final ProgressDisplay screen;

  DemoSession(DemoBroker choice, int rate, long seconds, StopRequest stop, ProgressDisplay screen) {
    this.choice = choice;
    this.rate = rate;
    this.seconds = seconds;
    this.stop = stop;
    this.screen = screen;
  }

  /** Returns true if every promise was kept; returns after all servers and the relay have ended. */
  boolean run() throws IOException, InterruptedException, SQLException {
    screen.say("Starting PostgreSQL and " + choice.title() + ".");
    try (var servers = DemoServers.start(choice)) {
      screen.say("  " + servers.postgres().origin());
      screen.say("  " + servers.broker().origin());
      return goesOn() && relay(servers);
    }
  }

  private boolean relay(DemoServers servers)
      throws IOException, InterruptedException, SQLException {
    servers.database().execute(OrderRepository.table());
    var config = RelayConfigFile.write(FOLDER, choice, servers);
    screen.say("\nThe relay's configuration, " + config.path() + ":\n");
    screen.say(config.text().indent(2));
    var command = new DemoRelayCommand(config, FOLDER.resolve(choice + ".log"));
    screen.say("$ " + command.text(List.of("init")));
    screen.say("  " + command.init());
    screen.say("$ " + command.text(List.of()));
    try (var relay = DemoRelayProcess.start(command, line -> screen.say("  " + line))) {
      return goesOn() && new DemoRun(servers, relay, stop, screen).run(rate, seconds);
    }
  }

  private boolean goesOn() {
    if (stop.requested()) {
      screen.say("\nStopped before an order was written, so nothing is proved.");
    }
    return !stop.requested();
  }
}

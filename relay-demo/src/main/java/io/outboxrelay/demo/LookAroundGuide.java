package io.outboxrelay.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How to look around in a demo that stays up: lines to copy, each of which works from the folder in
 * which the demo was started.
 *
 * @param console its URL
 * @param address where the broker listens
 * @param destination the topic or queue
 * @param environment what the relay's configuration file expects in the environment
 */
record LookAroundGuide(
    String console,
    DatabaseLogin database,
    DemoBroker broker,
    String address,
    String destination,
    Path config,
    Map<String, String> environment) {
  /** The aggregate of the event that the user is invited to write: no order of the demo. */
  private static final String AGGREGATE = "my-order";

  private static final String INSERT =
      """
      insert into outbox (aggregate_type, aggregate_id, event_type, payload)
        values ('order', '%s', 'OrderPlaced', '{"placed": "by hand"}');"""
          .formatted(AGGREGATE);

  private static final List<List<String>> SUBCOMMANDS =
      List.of(
          List.of("status"),
          List.of("events", "--aggregate", AGGREGATE),
          List.of("pause"),
          List.of("resume"),
          List.of("dead-letters", "list"));

  static LookAroundGuide of(
      String console, DemoBroker broker, DemoServers servers, RelayConfigFile config) {
    return new LookAroundGuide(
        console,
        DatabaseLogin.of(servers.database()),
        broker,
        broker.address(servers.broker()),
        servers.destination(),
        config.path(),
        config.environment());
  }

  String text(int rate, long pid) {
    return """

        Everything stays up until Ctrl-C, and a writer commits %d transactions a second.
        To look around, in another terminal and in this folder:

        The console, in a browser:
          %s

        The database, with psql or any other client
        (host %s, port %d, database %s, user %s, password %s):
          %s

        Write an event of your own there:
        %s
        See the messages of the %s %s arrive; Ctrl-C ends the reader alone:
          %s
        or, with a tool of %s:
          %s

        Ask and steer the relay:
        %s
        To stop: Ctrl-C here, or kill %d. That ends the writer, the relay and both servers, and deletes
        the demo's database and the folder %s.
        """
        .formatted(
            rate,
            console,
            database.host(),
            database.port(),
            database.name(),
            database.user(),
            database.password(),
            database.psql(),
            INSERT.indent(2),
            broker.destinationKind(),
            destination,
            MessageReader.commandLine(broker, address, destination),
            broker.title(),
            broker.ownTool(ShellQuotes.quote(address), ShellQuotes.quote(destination)),
            relayLines().indent(2),
            pid,
            config.getParent());
  }

  private String relayLines() {
    var exports =
        new TreeMap<>(environment)
            .entrySet().stream()
                .map(
                    entry -> "export " + entry.getKey() + "=" + ShellQuotes.quote(entry.getValue()))
                .collect(Collectors.joining("\n"));
    return SUBCOMMANDS.stream()
        .map(subcommand -> DemoRelayCommand.text(subcommand, config))
        .collect(Collectors.joining("\n", exports + "\n", ""));
  }
}

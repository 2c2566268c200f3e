package io.outboxrelay.demo;

import io.outboxrelay.testkit.BrokerType;
import io.outboxrelay.testkit.relay.PackagedRelay;
import io.outboxrelay.testkit.relay.RelayServers;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The instructions for a demo with {@code --keep}: lines to copy, each of which works in the folder
 * in which the demo was started.
 *
 * @param console the URL of the console
 * @param address where the broker listens
 * @param destination the topic or queue
 * @param relay the packaged relay with the demo's configuration
 */
record LookAroundGuide(
    String console,
    DatabaseLogin database,
    BrokerType broker,
    String address,
    String destination,
    PackagedRelay relay) {
  /** The aggregate of the event that the user can write; the demo has no such order. */
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
      String console, BrokerType broker, RelayServers servers, PackagedRelay relay) {
    return new LookAroundGuide(
        console,
        DatabaseLogin.of(servers.database()),
        broker,
        broker.address(servers.broker()),
        servers.destination(),
        relay);
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
            ownTool(),
            relayLines().indent(2),
            pid,
            relay.config().getParent());
  }

  /** Returns a command that shows messages if the broker's own tools are installed. */
  private String ownTool() {
    return switch (broker) {
      case KAFKA ->
          "kafka-console-consumer.sh --bootstrap-server %s --topic %s --from-beginning"
              .formatted(ShellQuotes.quote(address), ShellQuotes.quote(destination));
      // From Debian's package amqp-tools, because rabbitmqadmin needs the management plug-in in the
      // server.
      case RABBITMQ ->
          "amqp-get --url=%s --queue=%s"
              .formatted(ShellQuotes.quote(address), ShellQuotes.quote(destination));
    };
  }

  private String relayLines() {
    var exports =
        new TreeMap<>(relay.environment())
            .entrySet().stream()
                .map(
                    entry -> "export " + entry.getKey() + "=" + ShellQuotes.quote(entry.getValue()))
                .collect(Collectors.joining("\n"));
    return SUBCOMMANDS.stream()
        .map(relay::commandLine)
        .collect(Collectors.joining("\n", exports + "\n", ""));
  }
}

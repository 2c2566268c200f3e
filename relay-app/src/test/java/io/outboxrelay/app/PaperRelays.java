package io.outboxrelay.app;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Relays of one outbox, each a process of its own, that publish to {@link PaperProvider} with late
 * confirms.
 */
final class PaperRelays implements AutoCloseable {
  /** The number of aggregates, each of which has at most one event in flight. */
  static final int AGGREGATES = 4;

  private static final Pattern PUBLISHED = Pattern.compile("on paper: event (\\d+) .*");

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Path folder;
  private final Path paper;

  PaperRelays(Path folder) throws Exception {
    this.folder = folder;
    this.paper = PaperProvider.jar(folder);
    try (var init = run(config("init", database.uri(), ""), "init")) {
      init.awaitExit(0);
    }
  }

  String uri() {
    return database.uri();
  }

  /** Writes a configuration, with another URI of the database and further settings. */
  Path config(String name, String uri, String more) throws Exception {
    return Files.writeString(
        folder.resolve(name + ".yaml"),
        """
        database: { uri: "%s", password: "${RELAY_DB_PASSWORD}" }
        broker: paper
        paper.answer: late
        relay.partitions: 1
        %s
        """
            .formatted(uri, more));
  }

  /** Starts a relay, or one of its commands. */
  FatJar run(Path config, String command) throws Exception {
    return FatJar.runWith(
        paper,
        Map.of("RELAY_DB_PASSWORD", PostgresServer.shared().password()),
        command,
        "-conf",
        config.toString());
  }

  /** Commits events with these numbers. */
  void write(int from, int to) throws SQLException {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
        select 'order', 'order-' || n %% %d, 'e' from generate_series(%d, %d) n
        """
            .formatted(AGGREGATES, from, to));
  }

  String query(String sql) throws SQLException {
    try (var connection = database.connect();
        var rows = connection.createStatement().executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }

  /** Returns a text that the relay prints when it publishes an event. */
  static String published(int seq) {
    return "on paper: event " + seq + " ";
  }

  /** Returns the numbers of the events that a relay has published, in that order. */
  static List<Integer> published(FatJar relay) {
    return Arrays.stream(relay.out().split("\\R"))
        .map(PUBLISHED::matcher)
        .filter(matcher -> matcher.matches())
        .map(matcher -> Integer.valueOf(matcher.group(1)))
        .toList();
  }

  @Override
  public void close() {
    database.close();
  }
}

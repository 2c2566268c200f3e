package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Relays, each a process of its own, crash at one event again and again. */
class DeadlyEventIT {
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Path folder;
  private final Path paper;

  DeadlyEventIT(@TempDir Path folder) throws Exception {
    this.folder = folder;
    paper = PaperProvider.jar(folder);
  }

  @BeforeEach
  void createTheOutbox() throws Exception {
    Files.writeString(
        folder.resolve("relay.yaml"),
        """
        database: { uri: "%s", password: "${RELAY_DB_PASSWORD}" }
        broker: paper
        paper.answer: die
        relay.page-size: 10
        """
            .formatted(database.uri()));
    try (var init = relay("init")) {
      init.awaitExit(0);
    }
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void theEventIsFoundAndItsAggregateWaitsWhileAllOthersFlow() throws Exception {
    write(1, 45, "harmless");
    write(46, 46, "deadly");
    write(47, 100, "harmless");

    int deaths = dieUntilItGetsPast("on paper: event 100 ");

    assertThat(deaths).isBetween(4, 8);
    assertThat(query("select string_agg(seq::text, ' ' order by seq) from outbox_dead_letter"))
        .isEqualTo("46 56 66 76 86 96");
    assertThat(query("select reason from outbox_dead_letter where attempts > 0"))
        .isEqualTo("the relay ended while this event was in flight, 3 times");
    assertThat(query("select crashes from outbox_crash_guard")).isEqualTo("0");
  }

  /**
   * Starts relays until one publishes the last event, stops that one, and returns the number of
   * relays that crashed before.
   */
  private int dieUntilItGetsPast(String last) throws Exception {
    for (int deaths = 0; deaths < 20; deaths++) {
      try (var relay = relay("run")) {
        if (relay.getsTo(last)) {
          relay.terminate().awaitExit(0);
          return deaths;
        }
        relay.awaitExit(9);
      }
    }
    throw new AssertionError("it died twenty times");
  }

  @Test
  void relaysThatAreKilledForOtherReasonsParkNothing() throws Exception {
    for (int life = 1; life <= 7; life++) {
      write(10 * life - 9, 10 * life, "harmless");
      try (var relay = relay("run")) {
        relay.awaitLine("on paper: event " + 10 * life + " ");
      }
    }

    try (var relay = relay("run")) {
      write(71, 71, "harmless");
      relay.awaitLine("on paper: event 71 ").terminate().awaitExit(0);
    }
    assertThat(query("select count(*) from outbox_dead_letter")).isEqualTo("0");
  }

  private void write(int from, int to, String type) throws Exception {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
        select 'order', 'order-' || n %% 10, '%s' from generate_series(%d, %d) n
        """
            .formatted(type, from, to));
  }

  private String query(String sql) throws Exception {
    return database.query(sql);
  }

  private FatJar relay(String... command) throws Exception {
    var arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("-conf", folder.resolve("relay.yaml").toString()));
    return FatJar.runWith(
        paper,
        Map.of("RELAY_DB_PASSWORD", PostgresServer.shared().password()),
        arguments.toArray(String[]::new));
  }
}

package io.outboxrelay.app;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.inbox.InboxMessage;
import io.outboxrelay.inbox.InboxOutcome;
import io.outboxrelay.inbox.InboxResult;
import io.outboxrelay.inbox.InboxTable;
import io.outboxrelay.inbox.VertxInbox;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Relays that are killed publish events again; a consumer with an inbox handles each once. */
class InboxIT {
  private static final int KILLS = 3;
  private static final int EVENTS = 50;
  private static final int AGGREGATES = 7;

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final List<InboxOutcome> outcomes = new CopyOnWriteArrayList<>();

  private final Vertx vertx = Vertx.vertx();
  private final Pool pool =
      PgBuilder.pool()
          .connectingTo(
              PgConnectOptions.fromUri(database.uri()).setPassword(database.server().password()))
          .using(vertx)
          .build();

  @AfterEach
  void dropDatabase() {
    vertx.close().await();
    database.close();
  }

  @Test
  void eventsThatKilledRelaysRepeatHaveNoSecondEffect() throws Exception {
    var kafka = KafkaServer.shared();
    String topic = kafka.newDestination();
    var inbox = VertxInbox.of(pool, InboxTable.named("inbox"), "ledger");
    inbox.install().await(60, SECONDS);
    database.execute("create table paid (n bigint generated always as identity, number int)");
    var environment = environment(kafka, topic);
    FatJar.run(environment, "init", "-conf", "conf/kafka.yaml").awaitExit(0).close();
    try (var arriving = kafka.subscribe(topic, message -> receive(inbox, message))) {
      for (int kill = 1; kill <= KILLS; kill++) {
        write(kill);
        try (var killed = FatJar.run(environment, "-conf", "conf/kafka.yaml")) {
          // Kills the relay once it has published all earlier events and half of the latest ones.
          awaitPaid(kill * EVENTS - EVENTS / 2);
        }
      }
      try (var last = FatJar.run(environment, "-conf", "conf/kafka.yaml")) {
        awaitPaid(KILLS * EVENTS);
        last.awaitLine("leading shard 0").terminate().awaitExit(0);
      }
      // The repeated events may still be on their way, because they can be in another partition
      // than the last paid event.
      await().atMost(PATIENCE).until(() -> outcomes.contains(InboxOutcome.REPEATED));
    }
    assertThat(paid())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, KILLS * EVENTS).boxed().toList());
    assertThat(outcomes).as("nothing was overtaken").doesNotContain(InboxOutcome.LATE);
    for (int aggregate = 0; aggregate < AGGREGATES; aggregate++) {
      int of = aggregate;
      assertThat(paid().stream().filter(number -> number % AGGREGATES == of)).isSorted();
    }
  }

  private void receive(VertxInbox inbox, ReceivedMessage message) {
    var received = InboxMessage.of(message, message.headers()::get);
    try {
      outcomes.add(inbox.handle(received, InboxIT::pay).await(60, SECONDS).outcome());
    } catch (TimeoutException e) {
      throw new IllegalStateException("an event was not handled", e);
    }
  }

  private static Future<?> pay(InboxResult<ReceivedMessage> arrival, SqlConnection connection) {
    var text = String.valueOf(arrival.message().text());
    return connection
        .preparedQuery("insert into paid (number) values ($1)")
        .execute(Tuple.of(Integer.parseInt(text.replaceAll("\\D", ""))));
  }

  private void write(int round) throws SQLException {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload)
        select 'order', 'order-' || n %% %d, 'order-placed', jsonb_build_object('number', n)
        from generate_series(%d, %d) n
        """
            .formatted(AGGREGATES, (round - 1) * EVENTS + 1, round * EVENTS));
  }

  private void awaitPaid(int atLeast) {
    await().atMost(PATIENCE).until(() -> paid().size() >= atLeast);
  }

  private List<Integer> paid() throws SQLException {
    var numbers = new ArrayList<Integer>();
    try (var connection = database.connect();
        var rows =
            connection.createStatement().executeQuery("select number from paid order by n")) {
      while (rows.next()) {
        numbers.add(rows.getInt(1));
      }
    }
    return numbers;
  }

  /** A checkpoint is written at a clean stop only, so a relay that is killed repeats everything. */
  private Map<String, String> environment(KafkaServer kafka, String topic) {
    return Map.of(
        "RELAY_DB_PASSWORD", PostgresServer.shared().password(),
        "OUTBOX_RELAY_DATABASE_URI", database.uri(),
        "OUTBOX_RELAY_KAFKA_BOOTSTRAP_SERVERS",
            String.valueOf(kafka.settings().get("bootstrap.servers")),
        "OUTBOX_RELAY_KAFKA_TOPIC", topic,
        "OUTBOX_RELAY_RELAY_CHECKPOINT_INTERVAL", "24h");
  }
}

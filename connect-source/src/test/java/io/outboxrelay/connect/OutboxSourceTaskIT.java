package io.outboxrelay.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A task with a real database. The test calls it as Connect does. */
@Timeout(60)
class OutboxSourceTaskIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final OutboxNames names = OutboxConfig.from(Settings.of("test", Map.of())).names();
  private final List<SourceRecord> transactionEnds = new ArrayList<>();
  private TestDatabase database;

  @SuppressWarnings("NullAway.Init") // by start
  private OutboxSourceTask task;

  private @Nullable Map<String, Object> stored;

  @BeforeEach
  void createOutbox() throws Exception {
    database = PostgresServer.shared().createDatabase();
    database.execute(new OutboxSchema(OutboxConfig.from(Settings.of("test", Map.of()))).script());
  }

  @AfterEach
  void dropOutbox() {
    task.stop();
    database.close();
  }

  @Test
  void aTaskContinuesBehindTheRecordWithTheStoredOffset() throws Exception {
    insert(1, 5);
    start(Map.of());
    var records = poll(5);
    assertThat(records).extracting(OutboxSourceTaskIT::version).containsExactly(1, 2, 3, 4, 5);
    assertThat(transactionEnds).containsExactly(records.get(4));
    task.stop();

    stored = new HashMap<>(records.get(1).sourceOffset());
    start(Map.of());

    assertThat(poll(3)).extracting(OutboxSourceTaskIT::version).containsExactly(3, 4, 5);
  }

  @Test
  void aTaskContinuesFromTheCheckpointIfThatIsLater() throws Exception {
    insert(1, 5);
    start(Map.of());
    var records = poll(5);
    records.forEach(record -> task.commitRecord(record, null));
    task.stop();

    stored = new HashMap<>(records.get(1).sourceOffset());
    insert(6, 7);
    start(Map.of());

    assertThat(poll(2)).extracting(OutboxSourceTaskIT::version).containsExactly(6, 7);
  }

  /**
   * After a crash the database may assign transaction ids again that the offset counts as settled.
   */
  @Test
  void anOffsetFromBeforeACrashOfTheDatabaseDoesNotCount() throws Exception {
    insert(1, 5);
    start(Map.of());
    var records = poll(5);
    task.stop();

    stored = new HashMap<>(records.get(3).sourceOffset());
    stored.put("history", "the one before");
    start(Map.of());

    assertThat(poll(5)).extracting(OutboxSourceTaskIT::version).containsExactly(1, 2, 3, 4, 5);
  }

  /**
   * The new session moves the checkpoint to the position at which it begins, so all events before
   * it must be confirmed.
   */
  @Test
  void afterALostConnectionATaskWaitsForTheConfirmsAndGoesOnWithoutARepeat() throws Exception {
    insert(1, 3);
    start(Map.of());
    var records = poll(3);
    database.execute(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
        """);
    insert(4, 5);
    for (int i = 0; i < 15; i++) {
      assertThat(task.poll()).as("while records are not confirmed").isNull();
    }

    records.forEach(record -> task.commitRecord(record, null));

    assertThat(poll(2)).extracting(OutboxSourceTaskIT::version).containsExactly(4, 5);
    task.stop();
    assertThat(confirmed()).isEqualTo(3);
  }

  @Test
  void anEventThatCannotBecomeARecordStopsTheTaskBehindTheEventsBeforeIt() throws Exception {
    insert(1, 2);
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)"
            + " values ('order', 'a', 'paid', '3', '{\"n\": 5}')");
    insert(4, 4);
    start(Map.of());

    assertThat(poll(2)).extracting(OutboxSourceTaskIT::version).containsExactly(1, 2);
    assertThatThrownBy(() -> poll(1))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("event 3 of order a cannot become a record: its header n is not a")
        .hasMessageContaining("correct or delete the row in the outbox");
  }

  @Test
  void deadLettersOfARelayAreNotOvertaken() throws Exception {
    insert(1, 1);
    database.execute(
        "insert into outbox_dead_letter (seq, id, aggregate_type, aggregate_id, event_type, state,"
            + " reason) values (0, gen_random_uuid(), 'order', 'a', 'paid', 'parked', 'test')");
    start(Map.of());

    assertThatThrownBy(() -> poll(1))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("has dead letters that later events must not overtake");
  }

  @Test
  void aShardThatARelayOwnsIsNotRead() throws Exception {
    insert(1, 1);
    database.execute("update outbox_checkpoint set owner = '4711@db-host-2'");
    try (var relay = database.connect();
        var statement = relay.createStatement()) {
      statement.execute("select pg_advisory_lock(" + names.leaseLock(0) + ")");
      start(Map.of("relay.answer-timeout", "1s", "relay.lease-timeout", "6s"));

      assertThatThrownBy(() -> poll(1))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("shard 0 of")
          .hasMessageContaining("is owned by 4711@db-host-2, which publishes its events");
    }
  }

  @Test
  void aTaskOfAnotherNumberOfShardsSaysSo() throws Exception {
    start(Map.of(OutboxSourceTask.SHARDS, "2"));

    assertThatThrownBy(() -> poll(1))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("the outbox has 1 shard, but this task was created for shard 0 of 2");
  }

  private void insert(int first, int last) throws Exception {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload)
          select 'order', 'a', 'paid', to_jsonb(v) from generate_series(%d, %d) v
        """
            .formatted(first, last));
  }

  private void start(Map<String, String> further) {
    var config = new HashMap<String, String>();
    config.put("name", "orders");
    config.put("database.uri", database.uri());
    config.put("database.password", database.server().password());
    config.put("record.value-format", "string");
    config.put(OutboxSourceTask.SHARD, "0");
    config.put(OutboxSourceTask.SHARDS, "1");
    config.putAll(further);
    task = new OutboxSourceTask();
    task.initialize(new Context());
    task.start(config);
  }

  /** Polls until this number of records, or more, were returned. */
  private List<SourceRecord> poll(int count) throws InterruptedException {
    var all = new ArrayList<SourceRecord>();
    await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .until(
            () -> {
              var records = task.poll();
              if (records != null) {
                all.addAll(records);
              }
              return all.size() >= count;
            });
    return all;
  }

  private static int version(SourceRecord record) {
    return Integer.parseInt((String) record.value());
  }

  private int confirmed() throws Exception {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("select sum(events) from outbox_account")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private final class Context implements SourceTaskContext {
    @Override
    public Map<String, String> configs() {
      return Map.of();
    }

    @Override
    public OffsetStorageReader offsetStorageReader() {
      return new OffsetStorageReader() {
        @Override
        public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
          return stored;
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(
            Collection<Map<String, T>> partitions) {
          throw new UnsupportedOperationException();
        }
      };
    }

    @Override
    public TransactionContext transactionContext() {
      return new TransactionContext() {
        @Override
        public void commitTransaction() {
          throw new UnsupportedOperationException();
        }

        @Override
        public void commitTransaction(SourceRecord record) {
          transactionEnds.add(record);
        }

        @Override
        public void abortTransaction() {
          throw new UnsupportedOperationException();
        }

        @Override
        public void abortTransaction(SourceRecord record) {
          throw new UnsupportedOperationException();
        }
      };
    }

    @Override
    public @Nullable PluginMetrics pluginMetrics() {
      return null;
    }
  }
}

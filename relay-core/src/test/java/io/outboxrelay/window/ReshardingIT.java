package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** For any number of shards before and after: each waiting event is read once, by one shard. */
class ReshardingIT {
  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));
  private final OutboxNames names = config.names();
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final List<String> read = new ArrayList<>();
  private final OutboxSchema schema = new OutboxSchema(config);
  private PgConnection connection;
  private int next = 1;

  @BeforeEach
  void connect() throws Exception {
    database.execute(schema.withShards(3).script());
    connection = connection();
  }

  private PgConnection connection() {
    return TestConnections.open(vertx, database);
  }

  @AfterEach
  void close() {
    connection.close().await();
    vertx.close().await();
    database.close();
  }

  @Test
  void eachShardReadsOnlyItsOwnEvents() throws Exception {
    commit(100);
    IntStream.range(0, 3).forEach(shard -> read(new ShardKey(shard, 3), 1000));
    assertThat(read).containsExactlyInAnyOrderElementsOf(ids(1, 100));
  }

  @Test
  void eventsThatTheFormerShardsHaveConfirmedAreNotReadAgain() throws Exception {
    commit(60);
    read(new ShardKey(0, 3), 1000);
    read(new ShardKey(1, 3), 7);
    int confirmed = read.size();
    assertThat(confirmed).as("two pages of seven, and the rest waits").isLessThan(60);

    var outcome = reshard(5);

    assertThat(outcome).isEqualTo(new Resharding.Outcome(3, 60 - confirmed, true));
    commit(40);
    IntStream.range(0, 5).forEach(shard -> read(new ShardKey(shard, 5), 1000));
    assertThat(read).containsExactlyInAnyOrderElementsOf(ids(1, 100));
  }

  @Test
  void aTransactionThatWasOpenMeanwhileIsReadAfterwards() throws Exception {
    reshard(1);
    try (var open = database.connect()) {
      open.setAutoCommit(false);
      insert(open, 1);
      commit(10);
      read(ShardKey.all(), 1000);
      reshard(4);
      commit(10);
      IntStream.range(0, 4).forEach(shard -> read(new ShardKey(shard, 4), 1000));
      open.commit();
    }
    IntStream.range(0, 4).forEach(shard -> read(new ShardKey(shard, 4), 1000));
    assertThat(read).containsExactlyInAnyOrderElementsOf(ids(1, 21));
  }

  @Test
  void eventsOfTwoShardsAreReadOnceByOne() throws Exception {
    commit(30);
    reshard(2);
    IntStream.range(0, 2).forEach(shard -> read(new ShardKey(shard, 2), 4));
    reshard(1);
    read(ShardKey.all(), 1000);
    assertThat(new TreeSet<>(read)).hasSize(30);
    assertThat(read).hasSize(30);
  }

  @Test
  void anOwnerThatDoesNotLetGoIsNamedAndNothingChanges() throws Exception {
    try (var owner = database.connect();
        var statement = owner.createStatement()) {
      statement.execute("select pg_advisory_lock(" + names.leaseLock(1) + ")");
      statement.execute("update outbox_checkpoint set owner = '4711@there' where shard = 1");
      assertThatThrownBy(() -> reshard(5))
          .hasMessageContaining("shard 1 by 4711@there")
          .hasMessageContaining("Nothing was changed");
    }
    assertThat(ShardLayout.read(connection, names).await().shards()).isEqualTo(3);
  }

  @Test
  void aBacklogThatWouldMakeTheOutboxPauseForLongIsRefused() throws Exception {
    commit(101);
    assertThatThrownBy(() -> reshard(5))
        .hasMessageContaining("more than 100 events wait")
        .hasMessageContaining("Nothing was changed");
  }

  @Test
  void aTransactionThatHasWrittenHoldsUpTheTriggerOnly() throws Exception {
    try (var open = database.connect()) {
      open.setAutoCommit(false);
      insert(open, 1);
      assertThat(reshard(5).rings()).isFalse();
      commit(1);
      open.commit();
    }
    schema.install(connection).await();
    assertThat(triggerArgument()).isEqualTo("5");
    IntStream.range(0, 5).forEach(shard -> read(new ShardKey(shard, 5), 1000));
    assertThat(read).containsExactlyInAnyOrder("1", "2");
  }

  private String triggerArgument() throws Exception {
    try (var reader = database.connect();
        var rows =
            reader
                .createStatement()
                .executeQuery(
                    "select rtrim(encode(tgargs, 'escape'), '\\0') from pg_trigger where tgname ="
                        + " 'outbox_ring'")) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void anUnchangedNumberIsRefused() {
    assertThatThrownBy(() -> reshard(3)).hasMessageContaining("there are 3 shards already");
  }

  @Test
  void rowsChangedByHandAreTold() throws Exception {
    database.execute("delete from outbox_checkpoint where shard = 1");
    assertThatThrownBy(() -> ShardLayout.read(connection, names).await())
        .hasMessageContaining("has 2 rows, for shards up to 2, and its column shards holds 3 to 3")
        .hasMessageContaining("Nothing is published");
  }

  @Test
  void anotherHashIsToldAndDividingAnewLosesNothing() throws Exception {
    commit(30);
    read(new ShardKey(0, 3), 1000);
    database.execute("update outbox_checkpoint set hash = 42");
    assertThatThrownBy(() -> ShardLayout.read(connection, names).await().inForce())
        .hasMessageContaining("hashes texts differently")
        .hasMessageContaining("shards 3");

    reshard(3);
    IntStream.range(0, 3).forEach(shard -> read(new ShardKey(shard, 3), 1000));
    assertThat(new TreeSet<>(read)).as("all, some of them twice").hasSize(30);
    assertThat(ShardLayout.read(connection, names).await().inForce()).isEqualTo(3);
  }

  private Resharding.Outcome reshard(int shards) {
    var asking = connection();
    try {
      var bounds = new Resharding.Bounds(Duration.ofMillis(500), 100);
      return new Resharding(asking, names, schema, bounds).run(shards).await();
    } finally {
      asking.close().await();
    }
  }

  /** Reads at most two pages of the shard's unconfirmed events, and confirms them. */
  private void read(ShardKey share, int pageEvents) {
    var store = new CheckpointStore(connection, names, share);
    var from = store.claim("test", "").await();
    var query =
        new PageQuery(
            connection,
            names,
            share,
            PayloadType.JSONB,
            new PageQuery.PageSize(pageEvents, 1 << 20, 100_000));
    var reader = WindowReader.unattended(query, from);
    for (int i = 0; i < 2; i++) {
      var page = reader.next().await();
      page.events().forEach(event -> read.add(event.aggregateId()));
      store.store(page.position()).await();
    }
  }

  private void commit(int events) throws Exception {
    try (var writer = database.connect()) {
      insert(writer, events);
    }
  }

  private void insert(Connection writer, int events) throws Exception {
    try (var statement = writer.createStatement()) {
      statement.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type) select 'a', n, 'e' from"
              + " generate_series(%d, %d) n".formatted(next, next + events - 1));
    }
    next += events;
  }

  private static List<String> ids(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
  }
}

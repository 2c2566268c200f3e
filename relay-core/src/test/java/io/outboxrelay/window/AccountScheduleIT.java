package io.outboxrelay.window;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.AccountProbe;
import io.outboxrelay.account.AccountReconciler;
import io.outboxrelay.account.RetentionCleanup;
import io.outboxrelay.database.TestConnections;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The account equals the outbox at every moment, so no false difference is reported, while writers
 * write at random and the reader crashes, changes its shards, and is followed by the clean-up.
 */
class AccountScheduleIT {
  private static final int WRITERS = 5;
  private static final int STEPS = 60;
  private static final int SCHEDULES = Integer.getInteger("reader.schedules", 100) / 4;

  private final OutboxConfig config =
      OutboxConfig.from(
          Settings.of(
              "test", Map.of("outbox", Map.of("retention", "0s", "clean-up-interval", "1ms"))));
  private final OutboxNames names = config.names();
  private final OutboxSchema schema = new OutboxSchema(config).withoutDoorbell();
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final List<Shard> shards = new ArrayList<>();
  private PgConnection connection;
  private PgConnection control;
  private Connection probe;
  private int events;

  @BeforeEach
  void open() throws SQLException {
    database.execute("alter database " + database.name() + " set synchronous_commit = off");
    database.execute(schema.script());
    // A range has 4,096 numbers, so schedules cross from one range to the next.
    database.execute("alter sequence outbox_seq start 4000 restart");
    connection = connect();
    control = connect();
    probe = database.connect();
    await(connection.query(TableSource.PLAN).execute());
  }

  private PgConnection connect() {
    return TestConnections.open(vertx, database);
  }

  @AfterEach
  void close() throws SQLException {
    shards.forEach(Shard::stop);
    await(connection.close());
    await(control.close());
    await(vertx.close());
    probe.close();
    database.close();
  }

  @ParameterizedTest
  @Timeout(300)
  @ValueSource(ints = {0, 1_000, 2_000, 3_000})
  void theAccountAlwaysEqualsTheOutbox(int firstSeed) throws SQLException {
    var committed = new HashMap<Integer, Integer>();
    var held = new HashSet<Integer>();
    var writers = new ArrayList<SteppedWriter>();
    try {
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new SteppedWriter(database.connect(), names, 6, committed, held));
      }
      divide(1);
      for (int seed = firstSeed; seed < firstSeed + SCHEDULES; seed++) {
        schedule(new Random(seed), "seed " + seed, writers, (seed / 1_000) % 2 == 1);
      }
      assertThat(events).as("events read").isGreaterThan(100);
      assertThat(count("select count(*) from outbox_difference")).isZero();
    } finally {
      for (var writer : writers) {
        writer.close();
      }
    }
  }

  private void schedule(Random random, String seed, List<SteppedWriter> writers, boolean cleans)
      throws SQLException {
    if (random.nextInt(4) == 0) {
      divide(1 + random.nextInt(4));
    }
    shards.forEach(shard -> shard.begin(random, cleans));
    if (random.nextInt(5) == 0) {
      count("select setval('outbox_seq', last_value + 4000) from outbox_seq");
    }
    for (int step = 0; step < STEPS; step++) {
      int who = random.nextInt(WRITERS + 4);
      if (who < WRITERS) {
        writers.get(who).step(random);
      } else {
        shards.get(random.nextInt(shards.size())).step(random);
      }
      if (random.nextInt(5) == 0) {
        assertThat(AccountProbe.differences(probe, names)).as(seed).isEmpty();
      }
    }
    for (var writer : writers) {
      writer.finish(random.nextBoolean());
    }
    shards.forEach(Shard::readToTheEnd);
    assertThat(AccountProbe.differences(probe, names)).as(seed).isEmpty();
    assertThat(count("select count(*) from outbox_difference")).as(seed).isZero();
    shards.forEach(Shard::stop);
  }

  private void divide(int number) {
    if (number != shards.size() && !shards.isEmpty()) {
      var asking = connect();
      var bounds = new Resharding.Bounds(Duration.ofSeconds(5), 10_000);
      await(new Resharding(asking, names, schema, bounds).run(number));
      await(asking.close());
    }
    shards.clear();
    IntStream.range(0, number).forEach(i -> shards.add(new Shard(new ShardKey(i, number))));
  }

  private long count(String query) throws SQLException {
    try (var statement = probe.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private final class Shard {
    private final ShardKey key;
    private final List<Checkpoint> unstored = new ArrayList<>();
    private CheckpointStore store;
    private WindowReader reader;
    private @Nullable RetentionCleanup cleanUp;
    private @Nullable AccountReconciler reconciler;
    private volatile long floor;
    private int pageEvents = 3;

    Shard(ShardKey key) {
      this.key = key;
      crash();
    }

    void begin(Random random, boolean cleans) {
      pageEvents = 1 + random.nextInt(7);
      crash();
      if (cleans) {
        cleanUp =
            new RetentionCleanup(
                vertx, control, config, key, RelayMetrics.alone().shard(0), () -> floor);
        cleanUp.start();
        reconciler = new AccountReconciler(vertx, control, names, Duration.ofMillis(1));
        reconciler.start();
      }
    }

    void stop() {
      if (cleanUp != null) {
        cleanUp.stop();
      }
      if (reconciler != null) {
        reconciler.stop();
      }
    }

    void step(Random random) {
      read();
      if (random.nextInt(3) == 0 && !unstored.isEmpty()) {
        store(random.nextInt(unstored.size()));
      }
      if (random.nextInt(6) == 0) {
        crash();
      }
    }

    private void crash() {
      unstored.clear();
      store = new CheckpointStore(connection, names, key);
      var from = await(store.claim("test", ""));
      floor = from.floor();
      var query =
          new PageQuery(
              connection,
              names,
              key,
              PayloadType.JSONB,
              new PageQuery.PageSize(pageEvents, 1 << 20, 10_000));
      reader = WindowReader.unattended(query, from);
    }

    private boolean read() {
      var page = await(reader.next());
      store.read(page);
      unstored.add(page.position());
      events += page.events().size();
      return page.isEmpty();
    }

    private void store(int upTo) {
      var position = unstored.get(upTo);
      await(store.store(position));
      floor = position.floor();
      unstored.subList(0, upTo + 1).clear();
    }

    void readToTheEnd() {
      for (int empty = 0; empty < 2; ) {
        empty = read() && !reader.isInWindow() ? empty + 1 : 0;
      }
      store(unstored.size() - 1);
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}

package io.outboxrelay.window;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Runs a reader and random writers on one server, one step at a time, in an order that a seed
 * decides.
 */
final class ReaderSchedules implements AutoCloseable {
  static final OutboxConfig CONFIG =
      OutboxConfig.from(Settings.of("test", Map.of("outbox", Map.of("table", "outbox"))));
  static final OutboxNames NAMES = CONFIG.names();

  private static final int WRITERS = 6;
  private static final int AGGREGATES = 5;
  private static final int STEPS = 70;

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database;
  private final PgConnection connection;

  ReaderSchedules(PostgresServer server) throws SQLException {
    database = server.createDatabase();
    // The server never crashes in this test, and fast commits allow thousands of schedules.
    database.execute("alter database " + database.name() + " set synchronous_commit = off");
    database.execute(new OutboxSchema(CONFIG).script());
    var config = TestConnections.config(database);
    connection = await(PgConnection.connect(vertx, config.toConnectOptions()));
    await(connection.query(TableSource.PLAN).execute());
    // Holds the lock as an awake relay does, because a transaction that notifies cannot be
    // prepared.
    await(connection.query("select pg_advisory_lock(" + NAMES.doorbellLock(0) + ")").execute());
  }

  Vertx vertx() {
    return vertx;
  }

  TestDatabase database() {
    return database;
  }

  PgConnection connection() {
    return connection;
  }

  @Override
  public void close() {
    await(connection.close());
    database.close();
    await(vertx.close());
  }

  /** When a schedule replaces the reader. */
  enum Restarts {
    /** Never. */
    NEVER,
    /** After random crashes; the next reader begins at the checkpoint that was stored last. */
    AFTER_CRASHES,
    /** After nearly every page; the next reader begins behind any event of the page. */
    BEHIND_ANY_EVENT
  }

  /** Runs schedules on the same table: each one begins where the previous one ended. */
  void run(int firstSeed, int count, Restarts restarts) throws SQLException {
    var committed = new HashMap<Integer, Integer>();
    var held = new HashSet<Integer>();
    database.execute("truncate " + NAMES.outbox());
    var writers = new ArrayList<SteppedWriter>();
    try {
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new SteppedWriter(database.connect(), NAMES, AGGREGATES, committed, held));
      }
      var life = new Life(Checkpoint.beginningAfter(0));
      for (int seed = firstSeed; seed < firstSeed + count; seed++) {
        schedule(seed, writers, life, restarts);
        assertThat(life.delivered).as("what was delivered, seed %s", seed).isEqualTo(committed);
      }
    } finally {
      for (var writer : writers) {
        writer.close();
      }
    }
  }

  private void schedule(int seed, List<SteppedWriter> writers, Life life, Restarts restarts)
      throws SQLException {
    var random = new Random(seed);
    life.seed = seed;
    life.pageEvents = 1 + random.nextInt(7);
    life.walk = 1 + random.nextInt(20);
    life.restart();
    for (int step = 0; step < STEPS; step++) {
      int who = random.nextInt(WRITERS + 3);
      if (who < WRITERS) {
        writers.get(who).step(random);
      } else {
        if (restarts == Restarts.BEHIND_ANY_EVENT) {
          life.readUpToAnyEvent(random);
          continue;
        }
        life.read();
        if (random.nextInt(3) == 0) {
          life.store(random);
        }
        if (restarts == Restarts.AFTER_CRASHES && random.nextInt(4) == 0) {
          life.crash();
        }
      }
    }
    for (var writer : writers) {
      writer.finish(random.nextBoolean());
    }
    life.readToTheEnd();
  }

  /** The reader and the events that it delivered, across its restarts. */
  private final class Life {
    final Map<Integer, Integer> delivered = new HashMap<>();
    private final Map<Integer, Integer> expectedAfterCrash = new HashMap<>();
    private final List<Checkpoint> unstored = new ArrayList<>();
    private Checkpoint stored;
    private WindowReader reader;
    private boolean crashed;
    int pageEvents = 1;
    int walk = 1;
    int seed;

    Life(Checkpoint from) {
      stored = from;
      reader = open();
    }

    /** Begins a new reader behind everything that was read, as after a clean stop. */
    void restart() {
      if (!unstored.isEmpty()) {
        stored = unstored.get(unstored.size() - 1);
        unstored.clear();
      }
      reader = open();
    }

    /** Begins a new reader at the checkpoint that was stored last; later events may be repeated. */
    void crash() {
      crashed = true;
      unstored.clear();
      reader = open();
    }

    private WindowReader open() {
      expectedAfterCrash.clear();
      var query =
          new PageQuery(
              connection,
              NAMES,
              ShardKey.all(),
              PayloadType.JSONB,
              new PageQuery.PageSize(pageEvents, 1 << 20, walk));
      return WindowReader.unattended(query, stored);
    }

    void store(Random random) {
      if (!unstored.isEmpty()) {
        int upTo = random.nextInt(unstored.size());
        stored = unstored.get(upTo);
        unstored.subList(0, upTo + 1).clear();
      }
    }

    EventPage<Checkpoint> read() {
      var page = await(reader.next());
      page.events().forEach(this::deliver);
      unstored.add(page.position());
      return page;
    }

    /** Takes only the first events of a page, and begins another reader behind them. */
    void readUpToAnyEvent(Random random) {
      var page = await(reader.next());
      if (page.isEmpty()) {
        unstored.add(page.position());
        return;
      }
      int last = random.nextInt(page.events().size());
      page.events().subList(0, last + 1).forEach(this::deliver);
      unstored.clear();
      stored =
          last + 1 == page.events().size() && random.nextBoolean()
              ? page.position()
              : reader.pageStart().at(page.events().get(last).seq());
      reader = open();
    }

    void readToTheEnd() {
      // An open window does not include transactions that committed later; the next one does.
      for (int empty = 0; empty < 2; ) {
        empty = read().isEmpty() && !reader.isInWindow() ? empty + 1 : 0;
      }
    }

    private void deliver(OutboxEvent event) {
      int aggregate = Integer.parseInt(event.aggregateId());
      int version = Integer.parseInt(String.valueOf(event.payload()));
      int last = delivered.getOrDefault(aggregate, 0);
      if (crashed && version <= last) {
        repeats(aggregate, version);
        return;
      }
      assertThat(version)
          .as("version of aggregate %s delivered after %s, seed %s", aggregate, last, seed)
          .isEqualTo(last + 1);
      delivered.put(aggregate, version);
    }

    /** Verifies that repeated events come in order and without a gap. */
    private void repeats(int aggregate, int version) {
      var before = expectedAfterCrash.put(aggregate, version + 1);
      if (before != null) {
        assertThat(version)
            .as("repeat of aggregate %s, seed %s", aggregate, seed)
            .isEqualTo(before);
      }
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}

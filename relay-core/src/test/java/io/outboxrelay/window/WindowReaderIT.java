package io.outboxrelay.window;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.database.DatabaseConfig;
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
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The reader's guarantees under random schedules of hostile writers, step by step in one thread, so
 * that a seed that fails fails again.
 */
class WindowReaderIT {
  private static final int WRITERS = 6;
  private static final int AGGREGATES = 5;
  private static final int STEPS = 70;

  /** From each first seed on; up to 250 before they are those of the next. */
  private static final int SCHEDULES = Integer.getInteger("reader.schedules", 100);

  private static final OutboxConfig CONFIG =
      OutboxConfig.from(Settings.of("test", Map.of("outbox", Map.of("table", "outbox"))));
  private static final OutboxNames NAMES = CONFIG.names();

  private static Vertx vertx;
  private static TestDatabase database;
  private static PgConnection connection;

  @BeforeAll
  static void openOutbox() throws Exception {
    vertx = Vertx.vertx();
    database = PostgresServer.shared().createDatabase();
    // No crash of the server is part of this test, and thousands of schedules want fast commits.
    database.execute("alter database " + database.name() + " set synchronous_commit = off");
    database.execute(new OutboxSchema(CONFIG).script());
    var settings =
        Map.of("database", Map.of("uri", database.uri(), "password", database.server().password()));
    var config = DatabaseConfig.from(Settings.of("test", settings));
    connection = await(PgConnection.connect(vertx, config.toConnectOptions()));
    await(connection.query(TableSource.PLAN).execute());
    // As an awake relay does: a transaction that rings cannot be prepared.
    await(connection.query("select pg_advisory_lock(" + NAMES.doorbellLock(0) + ")").execute());
  }

  @AfterAll
  static void close() {
    await(connection.close());
    database.close();
    await(vertx.close());
  }

  @ParameterizedTest
  @Timeout(300)
  @ValueSource(ints = {0, 250, 500, 750})
  void nothingIsLostRepeatedOrOvertaken(int firstSeed) throws SQLException {
    runSchedules(firstSeed, SCHEDULES, false);
  }

  @ParameterizedTest
  @Timeout(300)
  @ValueSource(ints = {10_000, 10_250, 10_500, 10_750})
  void nothingIsLostOrOvertakenWhenTheReaderRestarts(int firstSeed) throws SQLException {
    runSchedules(firstSeed, SCHEDULES, true);
  }

  /** The table's history is one: every schedule begins where the one before it ended. */
  private static void runSchedules(int firstSeed, int count, boolean restarts) throws SQLException {
    var committed = new HashMap<Integer, Integer>();
    var held = new HashSet<Integer>();
    database.execute("truncate " + NAMES.outbox());
    var writers = new ArrayList<HostileWriter>();
    try {
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new HostileWriter(database.connect(), NAMES, AGGREGATES, committed, held));
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

  private static void schedule(int seed, List<HostileWriter> writers, Life life, boolean restarts)
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
        life.read();
        if (random.nextInt(3) == 0) {
          life.store(random);
        }
        if (restarts && random.nextInt(4) == 0) {
          life.crash();
        }
      }
    }
    for (var writer : writers) {
      writer.finish(random.nextBoolean());
    }
    life.readToTheEnd();
  }

  /** The reader and what it delivered, across its restarts. */
  private static final class Life {
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

    /** Goes on from all that was read, as after a clean stop. */
    void restart() {
      if (!unstored.isEmpty()) {
        stored = unstored.get(unstored.size() - 1);
        unstored.clear();
      }
      reader = open();
    }

    /** Goes on from what was stored last: what came after may repeat. */
    void crash() {
      crashed = true;
      unstored.clear();
      reader = open();
    }

    private WindowReader open() {
      expectedAfterCrash.clear();
      var query =
          new PageQuery(
              connection, NAMES, ShardKey.all(), PayloadType.JSONB, pageEvents, 1 << 20, walk);
      return WindowReader.unattended(new WindowQuery(connection, NAMES), query, stored);
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

    void readToTheEnd() {
      // A window that was open knows nothing of what came since; the one after it does.
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

    /** Even repeats come in order, and without a gap. */
    private void repeats(int aggregate, int version) {
      var before = expectedAfterCrash.put(aggregate, version + 1);
      if (before != null) {
        assertThat(version)
            .as("repeat of aggregate %s, seed %s", aggregate, seed)
            .isEqualTo(before);
      }
    }
  }

  /** A start position that skips what is settled must not skip what committed late below it. */
  @Test
  void aBacklogBehindAnOpenTransactionIsReadInPagesAndTheLateEventComesLast() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    try (var slow = database.connect();
        var fast = database.connect()) {
      slow.setAutoCommit(false);
      insert(slow, "late", 1);
      insert(fast, "many", 5000);
      var reader = reader(Checkpoint.beginningAfter(0), 100);
      assertThat(idsToTheEnd(reader)).hasSize(5000).doesNotContain("late");
      slow.commit();
      assertThat(idsToTheEnd(reader)).containsExactly("late");
    }
  }

  /** Otherwise a long transaction that ends would delay fresh events by the scan of all others. */
  @Test
  void aLateCommitDoesNotScanTheRowsThatWereSeen() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    try (var slow = database.connect();
        var fast = database.connect()) {
      slow.setAutoCommit(false);
      insert(slow, "late", 1);
      insert(fast, "many", 10_000);
      insert(slow, "late too", 1);
      insert(fast, "many", 10_000);
      var reader = reader(Checkpoint.beginningAfter(0), 1000);
      assertThat(idsToTheEnd(reader)).hasSize(20_000);
      slow.commit();
      insert(fast, "fresh", 1);

      var ids = new ArrayList<String>();
      for (int pages = 0; pages < 3; pages++) {
        await(reader.next()).events().forEach(event -> ids.add(event.aggregateId()));
      }

      assertThat(ids).containsExactly("late", "late too", "fresh");
    }
  }

  /** Where others commit at that moment, as nothing does in this cluster, they would be counted. */
  @Test
  void aLookThatFindsNothingTakesNoTransactionIdAndWritesNothing() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    try (var server = PostgresServer.builder().start();
        var alone = server.createDatabase()) {
      alone.execute(new OutboxSchema(CONFIG).script());
      var config =
          DatabaseConfig.from(
              Settings.of(
                  "test",
                  Map.of("database", Map.of("uri", alone.uri(), "password", server.password()))));
      var looking = await(PgConnection.connect(vertx, config.toConnectOptions()));
      await(looking.query(TableSource.PLAN).execute());
      alone.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type) values ('a', 'a', 'e')");
      var query =
          new PageQuery(looking, NAMES, ShardKey.all(), PayloadType.JSONB, 10, 1 << 20, 300);
      var reader =
          WindowReader.unattended(
              new WindowQuery(looking, NAMES), query, Checkpoint.beginningAfter(0));
      assertThat(idsToTheEnd(reader)).containsExactly("a");
      await(looking.query("checkpoint").execute());
      var before = await(looking.query(COUNTERS).execute()).iterator().next();

      for (int look = 0; look < 200; look++) {
        assertThat(await(reader.next()).isEmpty()).isTrue();
      }

      var after = await(looking.query(COUNTERS).execute()).iterator().next();
      assertThat(after.getInteger(0)).as("ids").isEqualTo(before.getInteger(0));
      assertThat(after.getString(1)).as("end of the log").isEqualTo(before.getString(1));
      await(looking.close());
    }
  }

  private static final String COUNTERS = "select age('3'::xid), pg_current_wal_insert_lsn()::text";

  /** A bitmap or a sort would cost the whole backlog at each look. */
  @Test
  void aLookWalksTheIndex() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type)"
            + " select 'a', g, 'e' from generate_series(1, 5000) g; analyze outbox");
    var query =
        new PageQuery(connection, NAMES, ShardKey.all(), PayloadType.JSONB, 100, 1 << 20, 200_000);
    await(connection.query("prepare look_plan as " + query.lookSql()).execute());
    var plan = new StringBuilder();
    await(
            connection
                .query("explain execute look_plan (4000, '1:1:', 100, 10000, 200000)")
                .execute())
        .forEach(row -> plan.append(row.getString(0)).append('\n'));
    await(connection.query("deallocate look_plan").execute());
    assertThat(plan.toString())
        .contains("Index Scan using outbox_pkey on outbox")
        .contains("Index Cond: ((seq > $1) AND (seq <=")
        .doesNotContain("Bitmap", "Sort");
  }

  /** Numbers that become visible a little out of order are met at once, without a second query. */
  @Test
  void aLateCommitALittleBelowTheHighestNumberIsRead() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    try (var slow = database.connect();
        var slower = database.connect();
        var fast = database.connect()) {
      slow.setAutoCommit(false);
      slower.setAutoCommit(false);
      var reader = reader(Checkpoint.beginningAfter(0), 100);
      insert(slower, "slower", 1);
      insert(fast, "first", 1);
      assertThat(idsToTheEnd(reader)).containsExactly("first");
      insert(slow, "slow", 1);
      for (int i = 0; i < 20; i++) {
        insert(fast, "fast", 1);
        assertThat(idsToTheEnd(reader)).containsExactly("fast");
      }
      slow.commit();
      insert(fast, "last", 1);
      assertThat(idsToTheEnd(reader)).containsExactly("slow", "last");
      slower.commit();
      assertThat(idsToTheEnd(reader)).containsExactly("slower");
    }
  }

  @Test
  void anEventWithoutPayloadIsRead() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    database.execute(
        "insert into "
            + NAMES.outbox()
            + " (aggregate_type, aggregate_id, event_type) values ('a', 'gone', 'deleted')");
    var reader = reader(Checkpoint.beginningAfter(0), 100);
    assertThat(idsToTheEnd(reader)).containsExactly("gone");
  }

  @Test
  void aPageIsBoundedInBytesAndHoldsAtLeastOneEvent() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    database.execute(
        "insert into "
            + NAMES.outbox()
            + " (aggregate_type, aggregate_id, event_type, payload) select 'a', 'a', 'e',"
            + " to_jsonb((select string_agg(md5(random()::text || g || h), '') from"
            + " generate_series(1, 1000) h)) from generate_series(1, 20) g");
    var query =
        new PageQuery(connection, NAMES, ShardKey.all(), PayloadType.JSONB, 1000, 100_000, 100_000);
    var reader =
        WindowReader.unattended(
            new WindowQuery(connection, NAMES), query, Checkpoint.beginningAfter(0));
    int events = 0;
    for (var page = await(reader.next()); !page.isEmpty(); page = await(reader.next())) {
      assertThat(page.bytes()).isLessThan(150_000);
      events += page.events().size();
    }
    assertThat(events).isEqualTo(20);
  }

  /** The first and the last one, one alone, several in a row; whatever the pages. */
  @ParameterizedTest
  @EnumSource(PayloadType.class)
  void largeEventsComeWholeAndInTheirPlace(PayloadType type) throws SQLException {
    var names = emptyOutbox(type);
    database.execute(
        "insert into "
            + names.outbox()
            + " (aggregate_type, aggregate_id, event_type, payload) select 'a', g, 'e', "
            + valueOf(
                    type,
                    "case when g in (1, 17, 40, 41, 42, 43, 90, 100) then %s else g::text end")
                .formatted(
                    "(select string_agg(md5(g::text || h), '') from generate_series(1, 500) h)")
            + " from generate_series(1, 100) g");
    var large = Set.of(1, 17, 40, 41, 42, 43, 90, 100);
    for (int pageEvents : List.of(1, 2, 7, 10, 1000)) {
      var query =
          new PageQuery(connection, names, ShardKey.all(), type, pageEvents, 20_000, 100_000);
      var reader =
          WindowReader.unattended(
              new WindowQuery(connection, names), query, Checkpoint.beginningAfter(0));
      int count = 0;
      for (var page = await(reader.next()); !page.isEmpty(); page = await(reader.next())) {
        assertThat(page.bytes()).isLessThan(20_000 + 16_300);
        assertThat(page.events().size()).isBetween(1, pageEvents);
        for (var event : page.events()) {
          count++;
          assertThat(event.aggregateId()).isEqualTo(String.valueOf(count));
          assertThat(String.valueOf(event.payload()).length() >= 16_000)
              .as("whether %s is large, in pages of %s", count, pageEvents)
              .isEqualTo(large.contains(count));
          assertThat(event.payload()).isNotNull();
        }
      }
      assertThat(count).as("events in pages of %s", pageEvents).isEqualTo(100);
    }
  }

  @Test
  void headersCountInThePage() throws SQLException {
    var names = emptyOutbox(PayloadType.BYTEA);
    database.execute(
        "insert into "
            + names.outbox()
            + " (aggregate_type, aggregate_id, event_type, headers) select 'a', g, 'e',"
            + " jsonb_build_object('h', (select string_agg(md5(g::text || h), '') from"
            + " generate_series(1, 500) h)) from generate_series(1, 100) g");
    var query =
        new PageQuery(connection, names, ShardKey.all(), PayloadType.BYTEA, 1_000, 40_000, 100_000);
    var reader =
        WindowReader.unattended(
            new WindowQuery(connection, names), query, Checkpoint.beginningAfter(0));
    int count = 0;
    for (var page = await(reader.next()); !page.isEmpty(); page = await(reader.next())) {
      assertThat(page.events().size()).isBetween(1, 4);
      assertThat(page.bytes()).isGreaterThan(page.events().size() * 16_000L);
      count += page.events().size();
    }
    assertThat(count).isEqualTo(100);
  }

  private static OutboxNames emptyOutbox(PayloadType type) throws SQLException {
    var outbox = Map.of("table", "outbox_of_" + type.sql(), "payload", type.sql());
    var config = OutboxConfig.from(Settings.of("test", Map.of("outbox", outbox)));
    database.execute(new OutboxSchema(config).script());
    database.execute("truncate " + config.names().outbox());
    return config.names();
  }

  private static String valueOf(PayloadType type, String text) {
    return switch (type) {
      case JSONB -> "to_jsonb(" + text + ")";
      case JSON -> "to_json(" + text + ")";
      case TEXT -> "(" + text + ")";
      case BYTEA -> "convert_to(" + text + ", 'UTF8')";
    };
  }

  private static WindowReader reader(Checkpoint from, int pageEvents) {
    var query =
        new PageQuery(
            connection, NAMES, ShardKey.all(), PayloadType.JSONB, pageEvents, 1 << 20, 300);
    return WindowReader.unattended(new WindowQuery(connection, NAMES), query, from);
  }

  private static List<String> idsToTheEnd(WindowReader reader) {
    var ids = new ArrayList<String>();
    for (var page = await(reader.next());
        !page.isEmpty() || reader.isInWindow();
        page = await(reader.next())) {
      page.events().forEach(event -> ids.add(event.aggregateId()));
    }
    return ids;
  }

  private static void insert(java.sql.Connection writer, String aggregate, int count)
      throws SQLException {
    try (var statement = writer.createStatement()) {
      statement.execute(
          "insert into %s (aggregate_type, aggregate_id, event_type, payload) select 'a', '%s', 'e', '1' from generate_series(1, %d)"
              .formatted(NAMES.outbox(), aggregate, count));
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

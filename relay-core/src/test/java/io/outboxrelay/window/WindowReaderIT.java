package io.outboxrelay.window;

import static io.outboxrelay.window.ReaderSchedules.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.outboxrelay.window.ReaderSchedules.Restarts;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the reader's guarantees under random schedules of writers. All steps run in one thread, so
 * a failure can be repeated with its seed.
 */
class WindowReaderIT {
  /** The number of schedules from each first seed on; above 250, the seeds of two runs overlap. */
  private static final int SCHEDULES = Integer.getInteger("reader.schedules", 100);

  private static final OutboxConfig CONFIG = ReaderSchedules.CONFIG;
  private static final OutboxNames NAMES = ReaderSchedules.NAMES;

  private static ReaderSchedules schedules;
  private static Vertx vertx;
  private static TestDatabase database;
  private static PgConnection connection;

  @BeforeAll
  static void openOutbox() throws Exception {
    schedules = new ReaderSchedules(PostgresServer.shared());
    vertx = schedules.vertx();
    database = schedules.database();
    connection = schedules.connection();
  }

  @AfterAll
  static void close() {
    schedules.close();
  }

  @ParameterizedTest
  @Timeout(300)
  @ValueSource(ints = {0, 250, 500, 750})
  void nothingIsLostRepeatedOrOvertaken(int firstSeed) throws SQLException {
    schedules.run(firstSeed, SCHEDULES, Restarts.NEVER);
  }

  @ParameterizedTest
  @Timeout(300)
  @ValueSource(ints = {10_000, 10_250, 10_500, 10_750})
  void nothingIsLostOrOvertakenWhenTheReaderRestarts(int firstSeed) throws SQLException {
    schedules.run(firstSeed, SCHEDULES, Restarts.AFTER_CRASHES);
  }

  /** Kafka Connect stores a position for each event, and a task may continue from any of them. */
  @ParameterizedTest
  @Timeout(300)
  @ValueSource(ints = {20_000, 20_250})
  void nothingIsLostRepeatedOrOvertakenWhenAReaderContinuesBehindAnyEvent(int firstSeed)
      throws SQLException {
    schedules.run(firstSeed, SCHEDULES, Restarts.BEHIND_ANY_EVENT);
  }

  /**
   * A scan that starts behind settled events must not skip an event that was committed late below.
   */
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

  /**
   * Otherwise, if a long transaction ends, new events would wait until all numbers since are
   * scanned.
   */
  @Test
  void aLateCommitDoesNotScanTheRowsThatWereSeen() throws SQLException {
    database.execute("truncate " + NAMES.outbox());
    long before = await(pages(1_000).last());
    try (var slow = database.connect();
        var fast = database.connect()) {
      slow.setAutoCommit(false);
      insert(slow, "late", 1);
      insert(fast, "many", 10_000);
      insert(slow, "late too", 1);
      insert(fast, "many", 10_000);
      var reader = reader(Checkpoint.beginningAfter(before), 1000);
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

  /** Uses a cluster of its own, because commits of other tests would change the counters. */
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
          new PageQuery(
              looking,
              NAMES,
              ShardKey.all(),
              PayloadType.JSONB,
              new PageQuery.PageSize(10, 1 << 20, 300));
      var reader = WindowReader.unattended(query, Checkpoint.beginningAfter(0));
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
        new PageQuery(
            connection,
            NAMES,
            ShardKey.all(),
            PayloadType.JSONB,
            new PageQuery.PageSize(100, 1 << 20, 200_000));
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

  /** Events that become visible a little out of order are read without a second query. */
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
        new PageQuery(
            connection,
            NAMES,
            ShardKey.all(),
            PayloadType.JSONB,
            new PageQuery.PageSize(1000, 100_000, 100_000));
    var reader = WindowReader.unattended(query, Checkpoint.beginningAfter(0));
    int events = 0;
    for (var page = await(reader.next()); !page.isEmpty(); page = await(reader.next())) {
      assertThat(page.bytes()).isLessThan(150_000);
      events += page.events().size();
    }
    assertThat(events).isEqualTo(20);
  }

  /** With pages of different sizes, large events are first, last, single and several in a row. */
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
          new PageQuery(
              connection,
              names,
              ShardKey.all(),
              type,
              new PageQuery.PageSize(pageEvents, 20_000, 100_000));
      var reader = WindowReader.unattended(query, Checkpoint.beginningAfter(0));
      int count = 0;
      for (var page = await(reader.next()); !page.isEmpty(); page = await(reader.next())) {
        assertThat(page.bytes()).isLessThan(20_000 + 16_300);
        assertThat(page.events().size()).isBetween(1, pageEvents);
        for (var event : page.events()) {
          count++;
          assertThat(event.aggregateId()).isEqualTo(String.valueOf(count));
          assertThat(String.valueOf(event.payload()).length() >= 16_000)
              .as("is event %s large, in pages of %s", count, pageEvents)
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
        new PageQuery(
            connection,
            names,
            ShardKey.all(),
            PayloadType.BYTEA,
            new PageQuery.PageSize(1_000, 40_000, 100_000));
    var reader = WindowReader.unattended(query, Checkpoint.beginningAfter(0));
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
    return WindowReader.unattended(pages(pageEvents), from);
  }

  private static PageQuery pages(int pageEvents) {
    return new PageQuery(
        connection,
        NAMES,
        ShardKey.all(),
        PayloadType.JSONB,
        new PageQuery.PageSize(pageEvents, 1 << 20, 300));
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
}

package io.outboxrelay.wal;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.SlotNames;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.outboxrelay.window.Snapshot;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The log of a server of each supported version yields the events that the table holds. */
@ParameterizedClass
@MethodSource("io.outboxrelay.testkit.PostgresServer#versions")
class LogStreamIT {
  @SuppressWarnings("NullAway.Init") // set before the tests of a version
  private static PostgresServer server;

  @Parameter int version;

  private Vertx vertx;
  private TestDatabase database;
  private Database connections;
  private PgConnection reading;

  @SuppressWarnings("NullAway.Init") // set by the test
  private OutboxConfig config;

  private @Nullable LogStream stream;

  @BeforeParameterizedClassInvocation
  static void startServer(int version) {
    server = PostgresServer.builder().version(version).setting("wal_level", "logical").start();
  }

  @AfterParameterizedClassInvocation
  static void closeServer() {
    server.close();
  }

  @BeforeEach
  void connect() {
    vertx = Vertx.vertx();
    database = server.createDatabase();
    connections = Database.create(vertx, TestConnections.config(database));
    reading = done(connections.connect());
  }

  @AfterEach
  void close() {
    closeStream();
    done(connections.close());
    done(vertx.close());
    // The server drops a slot some moments after its connection, and needs the database until then.
    await().atMost(PATIENCE).until(() -> slots() == 0);
    database.close();
  }

  private void closeStream() {
    if (stream != null) {
      stream.close();
    }
  }

  @Test
  void everyTypeOfPayloadIsEqualToTheTables() throws SQLException {
    for (var type : PayloadType.values()) {
      createOutbox(type);
      var log = start(ShardKey.all(), type, 100);
      database.execute(
          """
          set timezone = 'Asia/Kathmandu'; set bytea_output = 'escape';
          insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers, created_at)
          values ('order', 'o-ä-1', 'created', %1$s, '{"trace": "a\\"b"}', '2026-03-29 02:30:00.000001+01'),
                 ('order', 'o-2', 'created', null, null, '1969-12-31 23:59:59.5+00'),
                 ('order', repeat('x', 1000), 'created', %1$s, '{"n": 1}', 'infinity'),
                 ('order', 'o-4', 'created', %2$s, null, '0044-03-15 BC')
          """
              .formatted(
                  type == PayloadType.BYTEA
                      ? "'\\x00ff10'::bytea"
                      : "'{\"b\": 1, \"a\": [1.50, null]}'",
                  large(type)));

      var logged = read(log, 4);

      assertThat(logged.events()).isEqualTo(table(type).events());
      assertThat(logged.defects()).isEqualTo(table(type).defects());
      closeStream();
      database.execute(
          "drop table outbox cascade; drop publication if exists \"%s\""
              .formatted(config.names().publication()));
    }
  }

  /** Returns a value that is stored compressed and outside of the row. */
  private static String large(PayloadType type) {
    String text = "(select string_agg(md5(g::text), '') from generate_series(1, 60000) g)";
    return switch (type) {
      case JSONB -> "to_jsonb(" + text + ")";
      case JSON -> "to_json(" + text + ")";
      case TEXT -> text;
      case BYTEA -> "convert_to(" + text + ", 'UTF8')";
    };
  }

  /**
   * The log holds the text, so its size is known. From the table, the text would have to be
   * produced first.
   */
  @Test
  void jsonbThatIsLargeOnlyInMemoryIsTooLargeOnlyForTheTable() throws SQLException {
    createOutbox(PayloadType.JSONB);
    var log = start(ShardKey.all(), PayloadType.JSONB, 100);
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)
        select 'order', 'o-1', 'payload', jsonb_agg(1), null from generate_series(1, 200000)
        union all
        select 'order', 'o-2', 'headers', null, jsonb_agg(1) from generate_series(1, 200000)
        """);

    var logged = read(log, 2);
    var read = table(PayloadType.JSONB);

    assertThat(logged.defects().values())
        .containsExactly("its headers column is not a JSON object of strings");
    assertThat(requireNonNull(logged.events().get(0).payload()).length()).isEqualTo(600_000);
    String memory =
        "more than 2097152 bytes as jsonb in PostgreSQL's memory, which is 2 times the 1048576 bytes"
            + " that relay.max-event-size allows";
    assertThat(read.defects().values())
        .containsExactlyInAnyOrder(
            "its payload has " + memory + ", so it was not read",
            "its headers have " + memory + ", so they were not read");
    assertThat(read.events().get(0).payload()).isNull();
  }

  @Test
  void aLargeTransactionComesInPages() throws SQLException {
    createOutbox(PayloadType.JSONB);
    var log = start(ShardKey.all(), PayloadType.JSONB, 100);
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
            + " select 'order', 'o-' || g, 'created', '1' from generate_series(1, 5000) g");

    long seen = 0;
    while (seen < 5_000) {
      var batch = done(log.next());
      assertThat(batch.events()).hasSizeLessThanOrEqualTo(100);
      seen += batch.events().size();
      if (seen < 5_000) {
        assertThat(batch.progress().ended()).isEmpty();
        assertThat(requireNonNull(batch.progress().partial()).rows()).isEqualTo(seen);
      }
    }
  }

  @Test
  void aShardGetsTheAggregatesThatTheTableGivesIt() throws SQLException {
    createOutbox(PayloadType.JSONB);
    var share = new ShardKey(1, 3);
    var log = start(share, PayloadType.JSONB, 10_000);
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
            + " select 'order', left(repeat('ä-' || g, 20), 1 + g % 60), 'created', '1'"
            + " from generate_series(1, 3000) g");
    var expected = new ArrayList<Long>();
    try (var connection = database.connect();
        var rows =
            connection
                .createStatement()
                .executeQuery("select seq from outbox where " + share.mine() + " order by seq")) {
      while (rows.next()) {
        expected.add(rows.getLong(1));
      }
    }

    var events = read(log, expected.size()).events();

    assertThat(events.stream().map(OutboxEvent::seq).toList()).isEqualTo(expected);
    assertThat(ground().prerequisites().objections()).isEmpty();
  }

  @Test
  void columnsMayChangeUnderWay() throws SQLException {
    createOutbox(PayloadType.JSONB);
    var log = start(ShardKey.all(), PayloadType.JSONB, 100);
    String insert =
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload) values ('o', '1', '%d', '1');";
    database.execute(insert.formatted(1));
    database.execute("alter table outbox add tenant text default 'blue';" + insert.formatted(2));
    database.execute("alter table outbox drop tenant;" + insert.formatted(3));
    database.execute(
        "update outbox set event_type = 'x'; delete from outbox;" + insert.formatted(4));

    assertThat(read(log, 4).events().stream().map(OutboxEvent::eventType).toList())
        .containsExactly("1", "2", "3", "4");

    database.execute("alter table outbox rename headers to extras;" + insert.formatted(5));
    assertThatThrownBy(() -> read(log, 1)).hasMessageContaining("without the column headers");
  }

  @Test
  void aRowWithTheIdOfAnotherTransactionEndsTheStream() throws SQLException {
    createOutbox(PayloadType.JSONB);
    var log = start(ShardKey.all(), PayloadType.JSONB, 100);
    database.execute(
        "insert into outbox (xid, aggregate_type, aggregate_id, event_type) values ('5', 'o', '1', '1')");

    assertThatThrownBy(() -> read(log, 1)).hasMessageContaining("carries the xid 5");
  }

  /** Otherwise the server would wait for the open transaction and keep the slot until it ends. */
  @Test
  void closingEndsASlotThatIsBeingCreated() throws SQLException, InterruptedException {
    createOutbox(PayloadType.JSONB);
    try (var open = database.connect()) {
      open.setAutoCommit(false);
      open.createStatement().execute("select pg_current_xact_id()");
      var stream = stream(ShardKey.all(), PayloadType.JSONB, 100);
      this.stream = stream;
      var created = stream.create();
      while (slots() == 0) {
        assertThat(created.isComplete()).isFalse();
        Thread.onSpinWait();
      }
      stream.close();
      while (slots() > 0) {
        Thread.onSpinWait();
      }
    }
  }

  private long slots() throws SQLException {
    return database.number(
        "select count(*) from pg_replication_slots where database = current_database()");
  }

  private void createOutbox(PayloadType type) throws SQLException {
    config =
        OutboxConfig.from(
            Settings.of(
                "test", Map.of("outbox", Map.of("table", "outbox", "payload", type.sql()))));
    database.execute("drop table if exists outbox_version cascade");
    database.execute(new OutboxSchema(config).withoutDoorbell().script());
  }

  private LogProbe.Ground ground() {
    return done(new LogProbe(reading, config.names()).askForGround());
  }

  private LogStream stream(ShardKey share, PayloadType type, int page) {
    return new LogStream(
        vertx,
        connections.replicationBeside(reading),
        LogStream.Slot.temporary(
            done(SlotNames.read(reading, config.names()))
                .temporary(share.shard(), "t" + System.nanoTime()),
            config.names().publication()),
        new LogStream.Selection(
            ground().outbox(),
            share,
            new LogStream.RowFormat(
                config.names().columns(),
                type,
                EventColumns.of(reading, config.names().columns(), type, 1 << 20)),
            page,
            64 << 20));
  }

  private LogStream start(ShardKey share, PayloadType type, int page) {
    var stream = stream(share, type, page);
    this.stream = stream;
    var created = done(stream.create());
    assertThat(created.server()).isEqualTo(ground().server());
    stream.start(Snapshot.NOTHING, null);
    return stream;
  }

  private record Read(List<OutboxEvent> events, Map<Long, String> defects) {}

  private static Read read(LogStream log, int count) {
    var events = new ArrayList<OutboxEvent>();
    var defects = new HashMap<Long, String>();
    while (events.size() < count) {
      var batch = done(log.next());
      events.addAll(batch.events());
      defects.putAll(batch.defects());
    }
    return new Read(events, defects);
  }

  private Read table(PayloadType type) {
    var columns = EventColumns.of(reading, config.names().columns(), type, 1 << 20);
    var events = new ArrayList<OutboxEvent>();
    var defects = new HashMap<Long, String>();
    done(reading
            .preparedQuery("select " + columns.select() + " from public.outbox order by seq")
            .execute())
        .forEach(row -> events.add(columns.event(row, defects::putIfAbsent)));
    return new Read(events, defects);
  }
}

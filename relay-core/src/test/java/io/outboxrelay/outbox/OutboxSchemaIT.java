package io.outboxrelay.outbox;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The objects that init creates in a database. */
class OutboxSchemaIT {
  /** Selects all objects of a schema as text. */
  private static final String EVERYTHING =
      """
      select string_agg(line, E'\\n' order by line) from (
        select concat_ws(' ', 'column', c.relname, attname, format_type(atttypid, atttypmod),
                         attnotnull, pg_get_expr(adbin, adrelid)) as line
        from pg_attribute a join pg_class c on c.oid = attrelid
        left join pg_attrdef d on adrelid = attrelid and adnum = attnum
        where c.relnamespace = $n and attnum > 0 and not attisdropped and c.relkind = 'r'
        union all select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid)
        from pg_constraint where connamespace = $n
        union all select 'index ' || indexdef from pg_indexes where schemaname::regnamespace = $n
        union all select 'trigger ' || pg_get_triggerdef(t.oid)
        from pg_trigger t join pg_class c on c.oid = tgrelid
        where c.relnamespace = $n and not tgisinternal
        union all select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = $n
        union all select concat_ws(' ', 'sequence', sequencename, cache_size, increment_by)
        from pg_sequences where schemaname::regnamespace = $n
      ) all_lines
      """;

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = PostgresServer.shared();
  private final TestDatabase database = server.createDatabase();
  private final Map<String, Object> settings = new HashMap<>(database.settings());

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(20, SECONDS);
    database.close();
  }

  @Test
  void aSecondInitChangesNothing() throws Exception {
    assertThat(install()).isZero();
    String first = everything(database);
    insert("a-1");

    assertThat(install()).isEqualTo(OutboxSchema.VERSION);

    assertThat(everything(database)).isEqualTo(first);
    assertThat(query("select count(*) from outbox")).isEqualTo("1");
    assertThat(query("select count(*) from outbox_checkpoint")).isEqualTo("1");
    assertThat(query("select version from outbox_version"))
        .isEqualTo(Integer.toString(OutboxSchema.VERSION));
  }

  @Test
  void aRoleThatOwnsTheSchemaNeedsNoRightOnTheDatabase() throws Exception {
    database.execute("create schema theirs");
    try (var owner = connectAs("owner", "grant create, usage on schema theirs to \"owner\"");
        var statement = owner.createStatement()) {
      var settings = Settings.of("test", Map.of("outbox.schema", "theirs"));
      statement.execute(new OutboxSchema(OutboxConfig.from(settings)).script());
    }
    assertThat(query("select count(*) from theirs.outbox")).isEqualTo("0");
  }

  @Test
  void anInitThatWasCutShortIsCompleted() throws Exception {
    install();
    String whole = everything(database);
    insert("a-1");
    database.execute(
        "delete from outbox_version; drop table outbox_dead_letter; drop trigger outbox_ring on outbox");

    assertThat(install()).isZero();

    assertThat(everything(database)).isEqualTo(whole);
    assertThat(query("select count(*) from outbox")).isEqualTo("1");
  }

  /** No second version exists yet, so the test brings its own. */
  @Test
  void anOutboxOfVersion1IsUpgradedInPlace() throws Exception {
    assertThat(install()).isZero();
    insert("a-1");
    database.execute(
        "insert into outbox_dead_letter (seq, aggregate_id, state, reason)"
            + " values (7, 'a', 'parked', 'too large')");
    var next =
        schema()
            .withNextVersion(
                """
                alter table ${outbox} add column if not exists tenant text;
                alter table ${dead_letter} add column if not exists note text not null default 'none';
                update ${dead_letter} set note = 'from version 1' where note = 'none';
                """);

    assertThat(install(next)).isEqualTo(1);

    assertThat(query("select version from outbox_version")).isEqualTo("2");
    assertThat(query("select concat_ws(' ', seq, reason, note) from outbox_dead_letter"))
        .isEqualTo("7 too large from version 1");
    assertThat(query("select count(*) from outbox where tenant is null")).isEqualTo("1");
    String upgraded = everything(database);
    assertThat(install(next)).isEqualTo(2);
    assertThat(everything(database)).isEqualTo(upgraded);
    try (var other = server.createDatabase()) {
      other.execute(next.script());
      assertThat(everything(other)).as("the script makes the same").isEqualTo(upgraded);
    }
  }

  @Test
  void anOutboxOfALaterVersionIsLeftAlone() throws Exception {
    install();
    database.execute("update outbox_version set version = 1000");
    String before = everything(database);

    assertThat(install()).isEqualTo(1000);

    assertThat(everything(database)).isEqualTo(before);
    assertThat(query("select version from outbox_version")).isEqualTo("1000");
  }

  @Test
  void initsAtTheSameTimeTakeTurns() throws Exception {
    var one = installing();
    var other = installing();
    var third = installing();

    Future.all(one, other, third).await(20, SECONDS);

    assertThat(query("select count(*) from outbox_version")).isEqualTo("1");
  }

  @Test
  void theScriptDoesTheSame() throws Exception {
    install();
    try (var other = server.createDatabase()) {
      other.execute(schema().script());
      other.execute(schema().script());

      assertThat(everything(other)).isEqualTo(everything(database));
      assertThat(other.query("select version from outbox_version"))
          .isEqualTo(Integer.toString(OutboxSchema.VERSION));
    }
  }

  @Test
  void theTriggerCanBeLeftOut() throws Exception {
    install();
    assertThat(everything(database)).contains("CREATE TRIGGER");

    connected()
        .connect()
        .compose(connection -> schema().withoutDoorbell().install(connection))
        .await(20, SECONDS);

    assertThat(everything(database)).doesNotContain("CREATE TRIGGER");
  }

  @ParameterizedTest
  @CsvSource({"Sales, Out Box", "'we\"ird', 'it''s \"quoted\"'", "UPPER, UPPER", "sch%sma, 100%"})
  void anyNameWillDo(String schema, String table) throws Exception {
    settings.put("outbox.schema", schema);
    settings.put("outbox.table", table);

    install();
    install();
    database.execute(
        "insert into "
            + names().outbox()
            + " (aggregate_type, aggregate_id, event_type) values ('order', 'a-1', '1')");

    assertThat(query("select seq from " + names().outbox())).isEqualTo("1");
    assertThat(payloadType()).isEqualTo(PayloadType.JSONB);
  }

  @ParameterizedTest
  @EnumSource
  void thePayloadIsOfTheTypeConfigured(PayloadType type) throws Exception {
    settings.put("outbox.payload", type.sql());

    install();

    assertThat(payloadType()).isEqualTo(type);
  }

  @Test
  void theApplicationsRoleMayInsertEventsAndNothingElse() throws Exception {
    install();
    try (var application = connectAs("application", schema().grantsForApplication("application"));
        var statement = application.createStatement()) {
      statement.execute(
          "insert into outbox (id, aggregate_type, aggregate_id, event_type, payload, headers)"
              + " values (gen_random_uuid(), 'order', 'a-1', '1', '{}', '{}')");
      statement.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', 'a-1', '2')");
      statement.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', 'a-1', '3')"
              + " on conflict do nothing returning id, seq, created_at");
      for (String forbidden :
          new String[] {
            "insert into outbox (xid, aggregate_type, aggregate_id, event_type)"
                + " values ('5', 'order', 'a-1', '1')",
            "insert into outbox (seq, aggregate_type, aggregate_id, event_type)"
                + " values (5, 'order', 'a-1', '1')",
            "select * from outbox",
            "select payload from outbox",
            "select xid from outbox",
            "insert into outbox (created_at, aggregate_type, aggregate_id, event_type)"
                + " values (now(), 'order', 'a-1', '1')",
            "insert into outbox (aggregate_type, aggregate_id, event_type)"
                + " values ('order', 'a-1', '1') returning xid",
            "insert into outbox (aggregate_type, aggregate_id, event_type)"
                + " values ('order', 'a-1', '1') on conflict (seq) do update set event_type = 'x'",
            "select from outbox for update",
            "update outbox set event_type = '2'",
            "delete from outbox",
            "select * from outbox_dead_letter",
            "update outbox_checkpoint set top = 0",
            "select setval('outbox_seq', 1)"
          }) {
        assertThatThrownBy(() -> statement.execute(forbidden))
            .as(forbidden)
            .hasMessageContaining("permission denied");
      }
    }
    assertThat(query("select count(*) from outbox")).isEqualTo("3");
  }

  @Test
  void anAggregateIdMustNotBeEmpty() throws Exception {
    install();

    assertThatThrownBy(() -> insert("")).hasMessageContaining("outbox_aggregate_id_not_empty");
  }

  /** The limit counts bytes: the letter of the text has two. */
  @ParameterizedTest
  @CsvSource({"aggregate_type, 255", "aggregate_id, 1024", "event_type, 255"})
  void aTextThatAnIndexOrAHeaderCannotHoldIsRefusedAtTheInsert(String column, int limit)
      throws Exception {
    install();
    String insert =
        "insert into outbox (aggregate_type, aggregate_id, event_type) select %s from (select"
            + " repeat('é', %d) || repeat('x', %d) as it) value";
    String columns =
        switch (column) {
          case "aggregate_type" -> "it, 'a', 'e'";
          case "aggregate_id" -> "'t', it, 'e'";
          default -> "'t', 'a', it";
        };

    database.execute(insert.formatted(columns, limit / 2, limit % 2));
    String tooLong = insert.formatted(columns, limit / 2, limit % 2 + 1);

    assertThatThrownBy(() -> database.execute(tooLong))
        .hasMessageContaining(
            "violates check constraint \"outbox_%s_at_most_%d_bytes\"".formatted(column, limit));
  }

  /** Random characters, because PostgreSQL compresses what it puts into an index. */
  @Test
  void aDeadLetterHoldsTheLongestEventThatTheOutboxHolds() throws Exception {
    install();
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
          select left(text, 255), left(text, 1024), left(text, 255)
          from (select string_agg(md5(random()::text), '') as text from generate_series(1, 32)) random;
        insert into outbox_dead_letter (seq, aggregate_type, aggregate_id, event_type, state, reason,
                                        redelivery)
          select seq, aggregate_type, aggregate_id, event_type, 'parked', 'too large', 'requested'
          from outbox;
        """);

    assertThat(
            query(
                "select count(*) from outbox_dead_letter join outbox using (seq, aggregate_id)"
                    + " where octet_length(aggregate_id) = 1024"))
        .isEqualTo("1");
  }

  /**
   * An update of the operating system can change the order of a language, which corrupts an index.
   */
  @Test
  void noIndexOnTextDependsOnALanguage() throws Exception {
    install();

    assertThat(
            query(
                """
                select coalesce(string_agg(distinct indexrelid::regclass::text, ', '), '')
                from pg_index i, unnest(i.indcollation) as used, pg_collation c
                where i.indrelid in (select oid from pg_class where relname like 'outbox%')
                  and c.oid = used and c.collname not in ('C', 'POSIX')
                """))
        .isEmpty();
  }

  @Test
  void theTriggerNotifiesOnlyIfNoSessionHoldsTheLock() throws Exception {
    install();
    var names = names();
    var listener = connected().connect().await(20, SECONDS);
    var rings = new AtomicInteger();
    listener.notificationHandler(ring -> rings.incrementAndGet());
    listener.query("listen " + names.channel()).execute().await(20, SECONDS);
    try (var relay = database.connect();
        var statement = relay.createStatement()) {
      insert("a-1");
      assertThat(heard(listener, rings)).isEqualTo(1);

      statement.execute("select pg_advisory_lock(" + names.doorbellLock(0) + ")");
      insert("a-1");
      assertThat(heard(listener, rings)).isZero();

      statement.execute("select pg_advisory_unlock(" + names.doorbellLock(0) + ")");
      insert("a-1");
      assertThat(heard(listener, rings)).isEqualTo(1);
      assertThat(
              query(
                  "select count(*) from pg_locks where locktype = 'advisory' and database ="
                      + " (select oid from pg_database where datname = current_database())"))
          .as("writers keep no lock")
          .isEqualTo("0");
    }
  }

  /**
   * Returns the number of notifications since the last call; they arrive before the answer to a
   * query.
   */
  private static int heard(PgConnection listener, AtomicInteger rings) throws TimeoutException {
    listener.query("select 1").execute().await(20, SECONDS);
    return rings.getAndSet(0);
  }

  @Test
  void theTransactionIdIsTakenBeforeTheSequenceNumber() throws Exception {
    install();

    insert("a-1");

    assertThat(query("select xid::text::bigint > 0 and seq = 1 from outbox")).isEqualTo("t");
    assertThat(query("select cache_size from pg_sequences where sequencename = 'outbox_seq'"))
        .isEqualTo("1");
  }

  private OutboxConfig config() {
    return OutboxConfig.from(Settings.of("test", settings));
  }

  private OutboxSchema schema() {
    return new OutboxSchema(config());
  }

  private OutboxNames names() {
    return config().names();
  }

  private int install() throws TimeoutException {
    return installing().await(20, SECONDS);
  }

  private int install(OutboxSchema schema) throws TimeoutException {
    return connected().connect().compose(schema::install).await(20, SECONDS);
  }

  private Future<Integer> installing() {
    return connected().connect().compose(connection -> schema().install(connection));
  }

  private PayloadType payloadType() throws TimeoutException {
    return connected()
        .connect()
        .compose(connection -> OutboxTable.payloadType(connection, names()))
        .await(20, SECONDS);
  }

  private Database connected() {
    return Database.create(vertx, DatabaseConfig.from(Settings.of("test", settings)));
  }

  private void insert(String aggregate) throws SQLException {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', '"
            + aggregate
            + "', '1')");
  }

  private Connection connectAs(String role, String grants) throws SQLException {
    String name = database.name() + "_" + role;
    database.execute("create role " + name + " login password 'secret'");
    database.execute(grants.replace('"' + role + '"', '"' + name + '"'));
    var login = new Properties();
    login.put("user", name);
    login.put("password", "secret");
    return database.connect(login);
  }

  private static String everything(TestDatabase database) throws SQLException {
    return database.query(EVERYTHING.replace("$n", "'public'::regnamespace"));
  }

  private String query(String sql) throws SQLException {
    return database.query(sql);
  }
}

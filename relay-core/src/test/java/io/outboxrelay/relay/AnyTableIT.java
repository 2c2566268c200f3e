package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.check.CheckRunner;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.ExistingRows;
import io.outboxrelay.outbox.FurtherColumns;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxInstallation;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.TableAdoption;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code adopt} adopts a user's own table, and a relay publishes its rows. */
class AnyTableIT {
  private static final String PLAIN =
      """
      create table messages (
        id bigserial primary key, topic varchar(100) not null, key text, payload text)
      """;

  private static final String DEBEZIUM =
      """
      create table messages (
        id uuid primary key default gen_random_uuid(), aggregatetype varchar(255) not null,
        aggregateid varchar(255) not null, type varchar(255) not null, payload jsonb)
      """;

  /** The table of Spring Modulith 1.4 and 2. */
  private static final String MODULITH =
      """
      create table event_publication (
        id uuid not null primary key, listener_id text not null, event_type text not null,
        serialized_event text not null, publication_date timestamp with time zone not null,
        completion_date timestamp with time zone)
      """;

  final RelayBench bench = RelayBench.withoutOutbox(PostgresServer.shared());

  @BeforeEach
  void assume() {
    RelayBench.assumeOneRelay();
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  private void plain() throws SQLException {
    bench
        .with("outbox.table", "messages")
        .with("outbox.columns.id-type", "number")
        .with("outbox.columns.aggregate-type", "topic")
        .with("outbox.columns.aggregate-id", "key")
        .with("outbox.columns.event-type", "none")
        .with("outbox.columns.headers", "none");
    bench.database().execute(PLAIN);
  }

  void debezium() throws SQLException {
    bench
        .with("outbox.table", "messages")
        .with("outbox.columns.aggregate-type", "aggregatetype")
        .with("outbox.columns.aggregate-id", "aggregateid")
        .with("outbox.columns.event-type", "type")
        .with("outbox.columns.headers", "none");
    bench.database().execute(DEBEZIUM);
  }

  private void modulith() throws SQLException {
    bench
        .with("outbox.table", "event_publication")
        .with("outbox.columns.aggregate-type", "none")
        .with("outbox.columns.aggregate-id", "listener_id")
        .with("outbox.columns.payload", "serialized_event")
        .with("outbox.columns.headers", "none")
        .with("outbox.columns.created-at", "publication_date");
    bench.database().execute(MODULITH);
  }

  private <T> T connected(Function<PgConnection, Future<T>> work) {
    var database = Database.create(bench.vertx(), DatabaseConfig.from(bench.settings()));
    return done(
        database
            .connect()
            .compose(connection -> work.apply(connection).eventually(connection::close))
            .eventually(database::close));
  }

  /** Adopts the table; returns the steps that were taken. */
  List<String> adopt(@Nullable ExistingRows existing) {
    var config = OutboxConfig.from(bench.settings());
    return connected(
        connection -> {
          var adoption = new TableAdoption(bench.vertx(), connection, config.names(), existing);
          var installation =
              new OutboxInstallation(
                  bench.vertx(),
                  connection,
                  new OutboxSchema(config),
                  config.names(),
                  new OutboxInstallation.Roles(List.of(), List.of()));
          return adoption
              .plan()
              .compose(
                  plan ->
                      (plan.isEmpty()
                              ? Future.<Void>succeededFuture()
                              : adoption.run(plan, installation, Duration.ofSeconds(20)))
                          .map(plan.described()));
        });
  }

  List<ReceivedMessage> arrived(int count) {
    await().atMost(PATIENCE).until(() -> bench.arrived().size() >= count);
    return bench.arrived();
  }

  static List<String> texts(List<ReceivedMessage> messages) {
    return messages.stream().map(message -> String.valueOf(message.text())).toList();
  }

  private static List<String> headers(List<ReceivedMessage> messages, String name) {
    return messages.stream().map(message -> String.valueOf(message.headers().get(name))).toList();
  }

  List<Finding> problems() {
    return done(
            CheckRunner.examine(
                bench.vertx(),
                DatabaseConfig.from(bench.settings()),
                bench.relayConfig(),
                bench.brokerConfig()))
        .stream()
        .filter(finding -> finding.level() != Finding.Level.OK)
        .toList();
  }

  @Test
  void aPlainTableWithNumbersForIdsIsPublished() throws SQLException {
    plain();
    adopt(null);
    bench.leading();

    bench
        .database()
        .execute("insert into messages (topic, key, payload) values ('orders', 'a', 'first')");
    bench
        .database()
        .execute("insert into messages (topic, key, payload) values ('orders', 'a', 'second')");

    var messages = arrived(2);
    assertThat(texts(messages)).containsExactly("first", "second");
    assertThat(headers(messages, MessageHeaders.AGGREGATE_ID)).containsExactly("a", "a");
    assertThat(headers(messages, MessageHeaders.AGGREGATE_TYPE)).containsOnly("orders");
    assertThat(headers(messages, MessageHeaders.EVENT_TYPE)).containsOnly("messages");
    assertThat(headers(messages, MessageHeaders.EVENT_ID))
        .containsExactly(
            "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002");
    assertThat(problems()).isEmpty();
  }

  @Test
  void debeziumsTableIsPublished() throws SQLException {
    debezium();
    adopt(null);
    bench.leading();

    bench
        .database()
        .execute(
            "insert into messages (id, aggregatetype, aggregateid, type, payload) values"
                + " ('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'order', 'o-1', 'created', '{\"a\": 1}')");

    var messages = arrived(1);
    assertThat(texts(messages)).containsExactly("{\"a\": 1}");
    assertThat(headers(messages, MessageHeaders.EVENT_TYPE)).containsExactly("created");
    assertThat(headers(messages, MessageHeaders.EVENT_ID))
        .containsExactly("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    assertThat(problems()).isEmpty();
  }

  @Test
  void debeziumsLayoutReadsFurtherColumns() throws SQLException {
    bench
        .with("outbox.table", "messages")
        .with("outbox.layout", "debezium")
        .with("outbox.debezium.placement", "tenant:header,slot:partition,absent:header")
        .with("outbox.debezium.missing-columns", "ignore");
    bench
        .database()
        .execute(DEBEZIUM.replace("aggregateid varchar(255) not null", "aggregateid varchar(255)"));
    bench.database().execute("alter table messages add tenant text, add slot integer");
    adopt(null);
    bench.leading();

    bench
        .database()
        .execute(
            "insert into messages (aggregatetype, aggregateid, type, payload, tenant, slot) values"
                + " ('order', 'o-1', 'created', '{\"a\": 1}', 'a \"b\"', 7),"
                + " ('order', null, 'created', '{\"a\": 2}', null, null)");

    var messages = arrived(2);
    assertThat(texts(messages)).containsExactlyInAnyOrder("{\"a\": 1}", "{\"a\": 2}");
    assertThat(headers(messages, "tenant")).containsExactlyInAnyOrder("a \"b\"", "null");
    assertThat(headers(messages, "slot")).containsExactlyInAnyOrder("7", "null");
    assertThat(headers(messages, FurtherColumns.NO_KEY)).containsExactlyInAnyOrder("true", "null");
    assertThat(headers(messages, "absent")).containsOnly("null");
    assertThat(problems()).isEmpty();
  }

  @Test
  void aFurtherColumnThatTheTableLacksIsTold() throws SQLException {
    bench
        .with("outbox.table", "messages")
        .with("outbox.layout", "debezium")
        .with("outbox.debezium.placement", "absent:header");
    bench.database().execute(DEBEZIUM);

    assertThatThrownBy(() -> adopt(null)).hasMessageContaining("absent");
  }

  @Test
  void springModulithsTableIsPublishedWhileItsPublicationsAreCompleted() throws SQLException {
    modulith();
    adopt(null);
    bench.leading();

    publication("placed", 1);
    bench.database().execute("update event_publication set completion_date = now()");
    publication("paid", 2);

    var messages = arrived(2);
    assertThat(texts(messages)).containsExactly("{\"n\": 1}", "{\"n\": 2}");
    assertThat(headers(messages, MessageHeaders.EVENT_TYPE)).containsExactly("placed", "paid");
    assertThat(headers(messages, MessageHeaders.AGGREGATE_TYPE)).containsOnly("event_publication");
    assertThat(problems()).isEmpty();
  }

  private void publication(String type, int number) throws SQLException {
    bench
        .database()
        .execute(
            "insert into event_publication values (gen_random_uuid(), 'listener', '"
                + type
                + "', '{\"n\": "
                + number
                + "}', now())");
  }

  @Test
  void existingRowsThatWaitArePublishedFirstInTheirOrder() throws SQLException {
    plain();
    bench
        .database()
        .execute(
            "insert into messages (topic, key, payload)"
                + " select 'orders', 'a', n::text from generate_series(1, 4500) n");
    adopt(ExistingRows.WAITING);
    bench
        .database()
        .execute("insert into messages (topic, key, payload) values ('orders', 'a', 'new')");
    bench.leading();

    var texts = texts(arrived(4501));
    assertThat(texts).hasSize(4501).startsWith("1", "2", "3").endsWith("4499", "4500", "new");
    assertThat(texts.subList(0, 4500))
        .isSortedAccordingTo((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)));
    assertThat(problems()).isEmpty();
  }

  @Test
  void existingRowsThatArePublishedAreLeftAlone() throws SQLException {
    modulith();
    publication("old", 0);
    adopt(ExistingRows.PUBLISHED);
    bench.leading();
    publication("new", 1);

    assertThat(texts(arrived(1))).containsExactly("{\"n\": 1}");
    bench.database().execute("update event_publication set completion_date = now()");
    assertThat(problems()).isEmpty();
  }

  @Test
  void anAdoptedTableIsNotAdoptedAgain() throws SQLException {
    plain();
    bench
        .database()
        .execute("insert into messages (topic, key, payload) values ('orders', 'a', 'old')");
    assertThat(adopt(ExistingRows.PUBLISHED)).isNotEmpty();

    assertThat(adopt(ExistingRows.WAITING)).isEmpty();
    assertThat(adopt(null)).isEmpty();
  }

  @Test
  void rowsThatAreThereNeedTheOptionExisting() throws SQLException {
    plain();
    bench
        .database()
        .execute("insert into messages (topic, key, payload) values ('orders', 'a', 'old')");

    assertThatThrownBy(() -> adopt(null)).hasMessageContaining("--existing published");
  }

  @Test
  void noInsertWaitsForAnAdoptionThatWaitsForAWriter() throws Exception {
    plain();
    try (var open = bench.database().connect();
        var other = bench.database().connect()) {
      String insert = "insert into messages (topic, key, payload) values ('orders', 'a', 'x')";
      open.setAutoCommit(false);
      open.createStatement().execute(insert);
      other.createStatement().execute("set lock_timeout = '5s'");

      var adoption = new Thread(() -> adopt(ExistingRows.PUBLISHED));
      adoption.start();
      for (int i = 0; i < 20; i++) {
        other.createStatement().execute(insert);
      }
      open.commit();
      adoption.join(PATIENCE.toMillis());
      assertThat(adopt(null)).isEmpty();
    }
  }

  /** A role that inserts needs the right to use the new sequence. */
  @Test
  void theRolesThatInsertGoOnInserting() throws Exception {
    plain();
    String role = "writer_" + bench.database().name();
    bench
        .database()
        .execute(
            "create role %1$s; grant insert on messages to %1$s; grant usage on sequence messages_id_seq to %1$s"
                .formatted(role));
    try {
      adopt(null);
      bench
          .database()
          .execute(
              "set role %s; insert into messages (topic, key, payload) values ('orders', 'a', 'x')"
                  .formatted(role));
      bench.leading();

      assertThat(texts(arrived(1))).containsExactly("x");
    } finally {
      bench.database().execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }
  }

  /** The server refuses the last step; the message lists the earlier steps, which stay. */
  @Test
  void aFailureOfTheLastStepSaysThatEarlierStepsStay() throws Exception {
    plain();
    String owner = "owner_" + bench.database().name();
    String writer = "writer_" + bench.database().name();
    bench
        .database()
        .execute(
            """
            create role %1$s; create role %2$s;
            revoke usage on schema public from public;
            grant usage, create on schema public to %1$s;
            grant create on database %3$s to %1$s;
            alter table messages owner to %1$s
            """
                .formatted(owner, writer, bench.database().name()));
    try {
      var config = OutboxConfig.from(bench.settings());
      var roles = new OutboxInstallation.Roles(List.of(writer), List.of());
      assertThatThrownBy(() -> connected(connection -> adoptAs(owner, connection, config, roles)))
          .hasMessageContaining("may not grant to " + writer)
          .hasMessageContaining("Steps that were completed before stay")
          .hasMessageNotContaining("Nothing was changed");

      assertThat(bench.query("select count(xid) from messages")).isEqualTo("0");
    } finally {
      bench
          .database()
          .execute(
              "drop owned by %1$s cascade; drop owned by %2$s; drop role %1$s, %2$s"
                  .formatted(owner, writer));
    }
  }

  private Future<Void> adoptAs(
      String owner, PgConnection connection, OutboxConfig config, OutboxInstallation.Roles roles) {
    var adoption = new TableAdoption(bench.vertx(), connection, config.names(), null);
    var installation =
        new OutboxInstallation(
            bench.vertx(), connection, new OutboxSchema(config), config.names(), roles);
    return connection
        .query("set role " + owner)
        .execute()
        .compose(set -> adoption.plan())
        .compose(plan -> adoption.run(plan, installation, Duration.ofSeconds(20)));
  }

  @Test
  void aPartitionedTableIsPublished() throws SQLException {
    bench
        .with("outbox.table", "messages")
        .with("outbox.columns.aggregate-type", "topic")
        .with("outbox.columns.aggregate-id", "key")
        .with("outbox.columns.event-type", "none")
        .with("outbox.columns.headers", "none");
    bench
        .database()
        .execute(
            """
            create table messages (
              id uuid not null default gen_random_uuid(), topic text not null, key text not null,
              payload json, created_at timestamptz not null default now(),
              primary key (id, created_at)) partition by range (created_at);
            create table messages_old partition of messages
              for values from ('2020-01-01') to ('2021-01-01');
            create table messages_now partition of messages
              for values from ('2021-01-01') to ('2999-01-01');
            insert into messages (topic, key, payload, created_at) values
              ('orders', 'a', '1', '2020-02-02'), ('orders', 'a', '2', '2021-02-02');
            """);
    adopt(ExistingRows.WAITING);
    bench
        .database()
        .execute(
            """
            create table messages_later partition of messages
              for values from ('2999-01-01') to ('3999-01-01');
            insert into messages (topic, key, payload, created_at) values
              ('orders', 'a', '3', '2999-02-02'), ('orders', 'a', '4', now());
            """);
    bench.leading();

    assertThat(texts(arrived(4))).containsExactly("1", "2", "3", "4");
    assertThat(problems()).isEmpty();
  }

  /** A row that cannot become a message is moved to the dead letters; all others are published. */
  @Test
  void aRowThatFitsNoEventIsSetAside() throws SQLException {
    plain();
    adopt(null);
    bench.leading();
    bench
        .database()
        .execute(
            "insert into messages (topic, key, payload) values ('orders', null, 'no key'),"
                + " ('orders', 'a', 'good')");

    assertThat(texts(arrived(1))).containsExactly("good");
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from messages_dead_letter").equals("1"));
    assertThat(bench.query("select payload || ': ' || reason from messages_dead_letter"))
        .startsWith("no key: ")
        .contains("aggregate_id is null");
  }

  @Test
  void publishedRowsAreDeletedAfterTheRetention() throws SQLException {
    plain();
    bench.with("outbox.retention", "0s").with("outbox.clean-up-interval", "50ms");
    adopt(null);
    bench.leading();
    bench
        .database()
        .execute("insert into messages (topic, key, payload) values ('orders', 'a', 'x')");

    arrived(1);
    await().atMost(PATIENCE).until(() -> bench.query("select count(*) from messages").equals("0"));
    assertThat(bench.query("select count(*) from messages_difference")).isEqualTo("0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "outbox.columns.payload     | body    | lacks the column body",
        "outbox.columns.payload     | id_date | is of type date, and",
        "outbox.columns.id-type     | uuid    | is of type bigint, and uuid was expected",
        "outbox.columns.id-type     | text    | is of type bigint, and",
        "outbox.columns.aggregate-id| padded  | is of type character, and",
        "outbox.columns.id          | loose   | may be null, so it cannot tell events apart",
        "outbox.columns.id          | twice   | has no unique index, so it cannot tell",
        "outbox.columns.seq         | key     | is of type text, and bigint was expected",
        "outbox.table               | nothing | is not there; create it"
      })
  void aTableThatDoesNotFitIsRefused(String setting, String value, String sentence)
      throws SQLException {
    plain();
    bench
        .database()
        .execute(
            "alter table messages add id_date date, add padded char(10), add loose bigint unique,"
                + " add twice bigint not null default 1");
    bench.with(setting, value);
    if (setting.endsWith(".seq")) {
      bench
          .with("outbox.columns.aggregate-id", "topic")
          .with("outbox.columns.aggregate-type", "none");
    }

    assertThatThrownBy(() -> adopt(null))
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing was changed");
  }

  /** Relay and {@code check} report a change of the table also after the adoption. */
  @Test
  void aColumnThatIsDroppedLaterIsTold() throws SQLException {
    plain();
    adopt(null);
    bench.database().execute("alter table messages rename key to message_key");

    assertThat(problems()).extracting(Finding::text).contains("the column key is not there");
  }
}

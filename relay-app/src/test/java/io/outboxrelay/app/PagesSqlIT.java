package io.outboxrelay.app;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * The SQL in README.md and docs/ succeeds on an outbox that {@code init} has created. The SQL of
 * docs/inbox.md is tested in relay-inbox.
 */
class PagesSqlIT {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```sql\n(.*?)^ *```$");

  /** A snippet with a placeholder for the reader is not a statement. */
  private static final Pattern INLINE = Pattern.compile("`(select [^`…]+)`");

  private TestDatabase database;

  private record Sql(String page, String text) {}

  @BeforeEach
  void createDatabase() throws SQLException {
    database = databaseWithTables();
  }

  private static TestDatabase databaseWithTables() throws SQLException {
    var created = PostgresServer.shared().createDatabase();
    var config = OutboxConfig.from(Settings.of("test", Map.of()));
    created.execute(new OutboxSchema(config).script());
    created.execute("create table orders (id int, state text)");
    return created;
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  /** Each page has a database of its own, because two pages may create a table of one name. */
  @Test
  void everyStatementGoesThrough() throws Exception {
    assertThat(everything())
        .extracting(Sql::page)
        .contains("README.md", "operations.md", "runbook.md")
        .hasSizeGreaterThan(4);
    for (var page : everything().stream().collect(groupingBy(Sql::page)).values()) {
      try (var ofPage = databaseWithTables()) {
        if (page.get(0).page.equals("migrating-from-debezium.md")) {
          createDebeziumsTable(ofPage);
        }
        assertThat(page)
            .allSatisfy(
                sql ->
                    assertThatCode(() -> ofPage.execute(sql.text))
                        .as("%s", sql)
                        .doesNotThrowAnyException());
      }
    }
  }

  @Test
  void theEventOfTheReadmeIsInTheOutbox() throws Exception {
    database.execute(one("README.md", "insert into outbox"));
    assertThat(first(one("runbook.md", "max(created_at) from outbox"))).isEqualTo("1");
  }

  @Test
  void theTableOfAPollingLoopMovesInItsOrder() throws Exception {
    var page = "from-a-polling-loop.md";
    database.execute(one(page, "create table events"));
    database.execute(
        "insert into events (order_id, kind, body, sent) values ('1', 'sent', '{}', true), ('2',"
            + " 'first', '{}', false), ('2', 'second', '{}', false)");
    database.execute(one(page, "create trigger events_to_outbox"));
    database.execute("insert into events (order_id, kind, body) values ('2', 'third', '{}')");

    assertThat(column("select event_type from outbox order by seq"))
        .containsExactly("first", "second", "third");
    assertThat(column("select kind from events where not sent")).containsExactly("third");
    database.execute(one(page, "drop trigger events_to_outbox"));
  }

  /** The slot stands for Debezium, and its confirmed position for what Debezium has published. */
  @Test
  void eventsThatDebeziumHasNotConfirmedAreLeftToTheRelay() throws Exception {
    String page = "migrating-from-debezium.md";
    createDebeziumsTable(database);
    debeziumsEvent(1);
    database.execute("select pg_replication_slot_advance('debezium', pg_current_wal_lsn())");
    try (var open = database.connect()) {
      open.setAutoCommit(false);
      open.createStatement().execute(insertOfDebezium(2));
      debeziumsEvent(3);
      database.execute(one(page, "debezium_handover as"));
      open.commit();
    }
    debeziumsEvent(4);

    database.execute(one(page, "pg_logical_slot_peek_binary_changes"));

    assertThat(column("select aggregateid from outboxevent where seq is not null order by seq"))
        .containsExactly("2", "3", "4");
    database.execute(one(page, "pg_drop_replication_slot"));
  }

  private void debeziumsEvent(int number) throws SQLException {
    database.execute(insertOfDebezium(number));
  }

  private static String insertOfDebezium(int number) {
    return "insert into outboxevent values (gen_random_uuid(), 'order', '%d', 'paid', '{}')"
        .formatted(number);
  }

  /** Creates Debezium's table as {@code init --adopt} leaves it, with a slot. */
  private static void createDebeziumsTable(TestDatabase database) throws SQLException {
    database.execute(
        """
        create sequence outboxevent_seq;
        create table outboxevent (
          id uuid primary key, aggregatetype varchar(255) not null,
          aggregateid varchar(255) not null, type varchar(255) not null, payload jsonb,
          xid xid8 default pg_current_xact_id(), seq bigint default nextval('outboxevent_seq'));
        create publication dbz_publication for table outboxevent""");
    database.execute("select pg_create_logical_replication_slot('debezium', 'pgoutput')");
  }

  @Test
  void theWriterOfTheDemoWritesFiveOrders() throws Exception {
    Map<String, Object> demo =
        new Yaml().load(text(ROOT.resolve("packaging/container/demo/compose.yaml")));
    database.execute(
        new JsonObject(demo)
            .getJsonObject("configs")
            .getJsonObject("orders.sql")
            .getString("content"));

    assertThat(column("select event_type from outbox where aggregate_type = 'order'"))
        .hasSize(5)
        .containsOnly("order-paid");
  }

  @Test
  void theSessionsOfRelaysAreFound() throws Exception {
    var properties = new Properties();
    properties.setProperty("ApplicationName", "outbox-relay watch");
    try (var relay = database.connect(properties);
        var pid = relay.createStatement().executeQuery("select pg_backend_pid()")) {
      assertThat(pid.next()).isTrue();
      assertThat(column(one("runbook.md", "'outbox-relay%'"))).contains(pid.getString(1));
    }
  }

  @Test
  void anOpenTransactionThatWritesIsFound() throws Exception {
    try (var writer = database.connect();
        var statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("insert into orders values (1, 'new')");
      var pid = statement.executeQuery("select pg_backend_pid()");
      assertThat(pid.next()).isTrue();
      assertThat(column(one("runbook.md", "backend_xid"))).contains(pid.getString(1));
    }
  }

  private static String one(String page, String part) throws IOException {
    return everything().stream()
        .filter(sql -> sql.page.equals(page) && sql.text.contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError(page + " has no SQL with " + part))
        .text;
  }

  private String first(String query) throws SQLException {
    return column(query).get(0);
  }

  /** Returns the values of the first column. */
  private List<String> column(String query) throws SQLException {
    var values = new ArrayList<String>();
    try (var connection = database.connect();
        var rows = connection.createStatement().executeQuery(query)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  private static List<Sql> everything() throws IOException {
    try (var docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs)
          .filter(path -> path.toString().endsWith(".md") && !path.endsWith("inbox.md"))
          .flatMap(PagesSqlIT::of)
          .toList();
    }
  }

  private static Stream<Sql> of(Path page) {
    String text = text(page);
    return Stream.concat(BLOCK.matcher(text).results(), INLINE.matcher(text).results())
        .map(match -> new Sql(String.valueOf(page.getFileName()), match.group(1)));
  }

  private static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

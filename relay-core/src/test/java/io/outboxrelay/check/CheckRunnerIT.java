package io.outboxrelay.check;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Finding.Level;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckRunnerIT {
  private static Vertx vertx;

  private final Map<String, Object> settings = new HashMap<>();
  private final RecordingBroker broker = new RecordingBroker();
  private TestDatabase database;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void closeVertx() throws TimeoutException {
    vertx.close().await(60, SECONDS);
  }

  @BeforeEach
  void createOutbox() throws Exception {
    database = PostgresServer.shared().createDatabase();
    settings.putAll(database.settings());
    database.execute(new OutboxSchema(relay().outbox()).script());
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void findsNothingWrongWithWhatInitMade() throws Exception {
    assertThat(examine()).isNotEmpty().allMatch(found -> found.level() == Level.OK);
    assertThat(texts(Level.OK))
        .anyMatch(text -> text.contains("answers, version "))
        .contains("LISTEN receives a notification of another connection")
        .last()
        .isEqualTo("the broker answers");
  }

  @Test
  void findsNothingWrongUnderAnotherName() throws Exception {
    settings.put("outbox.schema", "Sales \"dept\"");
    settings.put("outbox.table", "it's \"an\" outbox");
    database.execute(new OutboxSchema(relay().outbox()).script());
    assertThat(examine()).isNotEmpty().allMatch(found -> found.level() == Level.OK);
  }

  @Test
  void aServerThatIsNotThereIsAProblemWithARemedy() throws Exception {
    settings.put("database.uri", "postgresql://relay@127.0.0.1:1/app");
    assertThat(examine())
        .filteredOn(found -> found.level() == Level.PROBLEM)
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.text()).contains("127.0.0.1:1", " cannot be reached: ");
              assertThat(found.remedy()).contains("whether database.uri is right");
            });
  }

  /** The relay reads columns of these types as well. */
  @Test
  void acceptsTheTypesThatTheRelayReads() throws Exception {
    database.execute(
        "create domain event_kind as text;"
            + " alter table outbox alter event_type type event_kind, alter aggregate_type type char(9)");

    assertThat(examine())
        .extracting(Finding::text)
        .contains("its columns and their defaults are as the relay needs them");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "alter table outbox alter xid drop default | column xid is not always | set default pg_current_xact_id()",
        "alter table outbox alter xid drop not null | column xid is not always | alter xid set not null",
        "alter table outbox alter seq set default nextval('outbox_seq') | column seq is not numbered | set default case when",
        "alter table outbox drop constraint outbox_pkey | column seq has no unique index | add primary key (seq)",
        "alter table outbox drop column headers | column headers is not there | init --print",
        "alter table outbox drop column aggregate_id, add aggregate_id int | column aggregate_id is of type integer | make it character varying or text",
        "do $$ begin execute format('drop publication %I', (select pubname from pg_publication)); end $$; alter table outbox set unlogged | the table \"public\".\"outbox\" is unlogged, so a crash of the server empties it | set logged",
        "alter table outbox_dead_letter set unlogged | the table \"public\".\"outbox_dead_letter\" is unlogged | set logged",
        "alter sequence outbox_seq cache 10 | has cache 10, increment 1 | alter sequence \"public\".\"outbox_seq\" cache 1",
        "alter table outbox disable trigger outbox_ring | trigger outbox_ring is disabled, so an event may wait for 5000 ms | enable trigger",
        "drop trigger outbox_ring on outbox | trigger outbox_ring is not there | run the command init",
        "alter trigger outbox_ring on outbox rename to other_ring | trigger outbox_ring is not there | run the command init",
        "delete from outbox_version | the outbox is of version 0 | run the command init",
        "drop table outbox_version | the table \"public\".\"outbox_version\" is not there | run the command init",
        "drop table outbox_checkpoint | the table \"public\".\"outbox_checkpoint\" is not there | run the command init",
        "drop table outbox cascade | the table \"public\".\"outbox\" is not there | run the command init",
        "drop schema public cascade | the table \"public\".\"outbox\" is not there | run the command init",
      })
  void findsWhatIsWrongAndSaysWhatToDo(String damage, String text, String remedy) throws Exception {
    database.execute(damage);
    assertThat(examine())
        .filteredOn(found -> found.level() == Level.PROBLEM)
        .anySatisfy(
            found -> {
              assertThat(found.text()).contains(text);
              assertThat(found.remedy()).contains(remedy);
            });
  }

  @Test
  void seesThatARelayAtWorkIsConfiguredDifferently() throws Exception {
    var names = relay().outbox().names();
    try (var owner = database.connect();
        var statement = owner.createStatement()) {
      statement.execute("select pg_advisory_lock(" + names.leaseLock(0) + ")");
      statement.execute(
          "update outbox_checkpoint set owner = '4711@there', config_fingerprint = 'elsewhere'");
      assertThat(texts(Level.WARNING))
          .anyMatch(
              text ->
                  text.startsWith(
                      "4711@there, which owns shard 0, publishes by another configuration"
                          + " (elsewhere) than this"));
    }
  }

  @Test
  void seesThatATriggerRingsAnotherBell() throws Exception {
    database.execute(
        "alter table outbox rename to moved; alter trigger outbox_ring on moved rename to moved_ring;"
            + "alter sequence outbox_seq rename to moved_seq");
    settings.put("outbox.table", "moved");
    assertThat(texts(Level.PROBLEM))
        .anyMatch(
            text -> text.contains("moved_ring notifies other relays than those of this outbox"));
  }

  @Test
  void namesTheMissingPrivileges() throws Exception {
    String role = "poor_" + database.name();
    database.execute(
        "create role %1$s login password 'pw'; grant select on outbox, outbox_checkpoint to %1$s"
            .formatted(role));
    logInAs(role, "pw");
    assertThat(examine())
        .filteredOn(found -> found.level() == Level.PROBLEM)
        .extracting(Finding::remedy)
        .contains(
            "grant delete, update (xid) on \"public\".\"outbox\" to \"%s\"".formatted(role),
            "grant select on sequence \"public\".\"outbox_seq\" to \"%s\"".formatted(role),
            "grant update on \"public\".\"outbox_checkpoint\" to \"%s\"".formatted(role),
            "grant select on \"public\".\"outbox_version\" to \"%s\"".formatted(role));
    database.execute(new OutboxSchema(relay().outbox()).grantsForRelay(role));
    assertThat(examine()).allMatch(found -> found.level() == Level.OK);
    database.execute("revoke usage on schema public from public, " + role);
    assertThat(texts(Level.PROBLEM))
        .containsExactly("the role " + role + " may not use the schema public");
    database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
  }

  @Test
  void examinesTheBrokerEvenWhereTheDatabaseRefuses() throws Exception {
    settings.put("database.password", "wrong");
    var findings = examine();
    assertThat(findings).hasSize(2);
    assertThat(findings.get(0).text()).contains("password authentication failed");
    assertThat(findings.get(1).text()).isEqualTo("the broker answers");
  }

  @Test
  void showsTheBrokerTheLatestSoundEventOfEveryAggregateType() throws Exception {
    for (String row :
        List.of("('order', 'o-1', '{}')", "('order', 'o-2', '{}')", "('bill', 'b-1', '{}')")) {
      database.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type, headers) select t, i,"
              + " 'made', h::jsonb from (values "
              + row
              + ") v (t, i, h)");
    }
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, headers)"
            + " values ('odd', 'x', 'made', '[1]')");
    assertThat(examine()).allMatch(found -> found.level() == Level.OK);
    assertThat(broker.samples)
        .extracting(OutboxEvent::aggregateId)
        .containsExactlyInAnyOrder("o-2", "b-1");
  }

  @Test
  void asksForNoBellWhereTheRelayPolls() throws Exception {
    settings.put("relay.wakeup", "poll");
    database.execute("drop trigger outbox_ring on outbox");
    assertThat(examine()).allMatch(found -> found.level() == Level.OK);
  }

  private void logInAs(String role, String password) {
    settings.put("database.uri", database.uri().replaceFirst("//[^@]*@", "//" + role + "@"));
    settings.put("database.password", password);
  }

  private List<String> texts(Level level) throws TimeoutException {
    return examine().stream().filter(found -> found.level() == level).map(Finding::text).toList();
  }

  private List<Finding> examine() throws TimeoutException {
    var config = DatabaseConfig.from(Settings.of("test", settings));
    return CheckRunner.examine(vertx, config, relay(), broker).await(30, SECONDS);
  }

  private RelayConfig relay() {
    return RelayConfig.from(Settings.of("test", settings));
  }

  private static final class RecordingBroker implements Broker {
    private final List<OutboxEvent> samples = new ArrayList<>();

    @Override
    public Ordering ordering() {
      return Ordering.PIPELINED;
    }

    @Override
    public String summary() {
      return "nothing";
    }

    @Override
    public Future<Publisher> connect(Vertx vertx) {
      return Future.failedFuture("a check publishes nothing");
    }

    @Override
    public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> events) {
      samples.addAll(events);
      return Future.succeededFuture(List.of(Finding.ok("the broker answers")));
    }
  }
}

package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.outboxrelay.check.CheckRunner;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.health.HealthReport;
import io.outboxrelay.leadership.RelayState;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * The relay's tables are changed while it runs. The relay reports the change in its log, its status
 * and its health; {@code check}, and a relay that is started meanwhile, report it too. Once the
 * change is undone, the relay continues without a restart and loses nothing.
 */
class RelayTableFaultsIT {
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger("io.outboxrelay");

  @BeforeEach
  void create() {
    RelayBench.assumeOneRelay();
    log.start();
    root.addAppender(log);
  }

  @AfterEach
  void close() {
    root.detachAppender(log);
  }

  /**
   * @param shards the number of shards of the outbox
   * @param breaking the change
   * @param mending the statement that undoes the change
   * @param said the sentence in log, status and health
   * @param checked the sentence of {@code check}
   */
  private record Fault(int shards, String breaking, String mending, String said, String checked) {}

  private static Arguments fault(
      String name, String breaking, String mending, String said, String checked) {
    return fault(name, 1, breaking, mending, said, checked);
  }

  private static Arguments fault(
      String name, int shards, String breaking, String mending, String said, String checked) {
    return Arguments.argumentSet(name, new Fault(shards, breaking, mending, said, checked));
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault(
            "created_at without time zone",
            "alter table outbox alter created_at type timestamp",
            "alter table outbox alter created_at type timestamptz",
            "the column created_at of \"public\".\"outbox\" is of type timestamp without time zone",
            "the column created_at is of type timestamp without time zone"),
        fault(
            "no headers",
            "alter table outbox drop headers",
            "alter table outbox add headers jsonb",
            "lacks headers",
            "the column headers is not there"),
        fault(
            "xid is bigint",
            "alter table outbox alter xid drop default,"
                + " alter xid type bigint using xid::text::bigint",
            "alter table outbox"
                + " alter xid type xid8 using xid::text::xid8,"
                + " alter xid set default pg_current_xact_id()",
            "the column xid of \"public\".\"outbox\" is of type bigint",
            "the column xid is of type bigint"),
        fault(
            "seq without default",
            "alter table outbox alter seq drop default",
            "alter table outbox alter seq set default"
                + " case when pg_current_xact_id() is not null then nextval('outbox_seq') end",
            "the column seq of \"public\".\"outbox\" has no default",
            "the column seq is not numbered after the transaction has its id"),
        fault(
            "id is text",
            "alter table outbox alter id type text",
            "alter table outbox alter id type uuid using id::uuid",
            "the column id of \"public\".\"outbox\" is of type text",
            "the column id is of type text"),
        fault(
            "another schema",
            "create schema other; alter table outbox set schema other",
            "alter table other.outbox set schema public",
            "outbox\" ",
            "the table \"public\".\"outbox\" is not there"),
        fault(
            "renamed",
            "alter table outbox rename to outbox_away",
            "alter table outbox_away rename to outbox",
            "outbox\" ",
            "the table \"public\".\"outbox\" is not there"),
        fault(
            "dropped and created again",
            "drop table outbox",
            "",
            "outbox\" ",
            "the table \"public\".\"outbox\" is not there"),
        fault(
            "the checkpoint is deleted",
            "create table kept as table outbox_checkpoint; delete from outbox_checkpoint",
            "insert into outbox_checkpoint table kept",
            "outbox_checkpoint\" is empty",
            "outbox_checkpoint\" is empty"),
        fault(
            "the checkpoint of one shard is deleted",
            3,
            "create table kept as select * from outbox_checkpoint where shard = 1;"
                + " delete from outbox_checkpoint where shard = 1",
            "insert into outbox_checkpoint table kept",
            "outbox_checkpoint\" has 2 rows",
            "outbox_checkpoint\" has 2 rows"),
        fault(
            "the checkpoint of the first shard is deleted",
            3,
            "create table kept as select * from outbox_checkpoint where shard = 0;"
                + " delete from outbox_checkpoint where shard = 0",
            "insert into outbox_checkpoint table kept",
            "\"public\".\"outbox_checkpoint\" ",
            "outbox_checkpoint\" has 2 rows"),
        fault(
            "the last shard is deleted",
            3,
            "create table kept as select * from outbox_checkpoint where shard = 2;"
                + " delete from outbox_checkpoint where shard = 2",
            "insert into outbox_checkpoint table kept",
            "outbox_checkpoint\" has 2 rows",
            "outbox_checkpoint\" has 2 rows"),
        fault(
            "the checkpoint has a null",
            "create table kept as table outbox_checkpoint;"
                + " alter table outbox_checkpoint alter settled drop not null;"
                + " update outbox_checkpoint set settled = null, epoch = epoch + 1",
            "update outbox_checkpoint set settled = kept.settled from kept",
            "holds a value that no relay has written",
            "holds a value that no relay has written"),
        fault(
            "the checkpoint is text",
            "create table kept as table outbox_checkpoint;"
                + " alter table outbox_checkpoint alter settled type text using 'rubbish';"
                + " update outbox_checkpoint set epoch = epoch + 1",
            "alter table outbox_checkpoint alter settled type pg_snapshot using '1:1:';"
                + " update outbox_checkpoint set settled = kept.settled from kept",
            "holds a value that no relay has written",
            "holds a value that no relay has written"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aChangeOfTheTablesIsSaidAndOutlived(Fault fault) throws Exception {
    try (var bench = RelayBench.create(fault.shards)) {
      bench.with("relay.answer-timeout", "1s").with("relay.fallback-interval", "1s");
      outlives(bench, fault);
    }
    assertThat(logged()).doesNotContain("cannot be reached", "null", "Exception");
    assertThat(log.list)
        .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
        .allSatisfy(line -> assertThat(line.getThrowableProxy()).isNull());
  }

  private void outlives(RelayBench bench, Fault fault) throws Exception {
    var relay = bench.leading();
    bench.awaitAllLed();
    bench.commit("a-1", 1);
    bench.commit("a-2", 1);
    bench.commit("a-3", 1);
    bench.awaitArrivals(3);

    bench.database().execute(fault.breaking);
    boolean committed = commitIfPossible(bench);
    bench.awaitOneNotLed();

    awaitSaid("health", () -> health(relay), fault.said);
    awaitSaid("status", () -> relay.verdict().toString(), fault.said);
    awaitSaid("log", this::logged, fault.said);
    awaitSaid("check", () -> check(bench), fault.checked);
    var second = bench.relay();
    var started = second.start();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        started.failed() ? sentence(started.cause()) : second.verdict().toString())
                    .contains(fault.said));
    second.stop().await(20, SECONDS);

    bench.database().execute(fault.mending);
    if (fault.mending.isEmpty()) {
      bench.init();
    }
    bench.commit("a-1", 3);
    bench.commit("a-3", 3);
    await().atMost(PATIENCE).until(() -> hasArrived(bench, "a-1") && hasArrived(bench, "a-3"));
    awaitState(relay, RelayState.LEADING);
    bench.awaitAllLed();
    if (committed) {
      assertThat(bench.firstVersions().get("a-1")).containsExactly(1, 2, 3);
    }
    assertThat(bench.query("select count(*) from outbox_dead_letter")).isEqualTo("0");
  }

  /** Returns false if the change keeps applications from writing, too. */
  private static boolean commitIfPossible(RelayBench bench) {
    try {
      bench.commit("a-1", 2);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private static boolean hasArrived(RelayBench bench, String aggregate) {
    return bench.versions().getOrDefault(aggregate, List.of()).contains(3);
  }

  private static void awaitSaid(String where, Callable<String> sentence, String said) {
    await(where)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(sentence.call()).as(where).contains(said));
  }

  private static String sentence(Throwable failure) {
    assertThat(failure).isInstanceOf(RelayException.class);
    return String.valueOf(failure.getMessage());
  }

  private static String health(Relay relay) {
    return relay.ready().parts().stream()
        .filter(part -> !part.well())
        .map(HealthReport.Part::why)
        .toList()
        .toString();
  }

  private String logged() {
    return List.copyOf(log.list).stream()
        .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList()
        .toString();
  }

  private static String check(RelayBench bench) throws Exception {
    return CheckRunner.examine(
            bench.vertx(),
            DatabaseConfig.from(bench.settings()),
            bench.relayConfig(),
            bench.brokerConfig())
        .await(30, SECONDS)
        .toString();
  }
}

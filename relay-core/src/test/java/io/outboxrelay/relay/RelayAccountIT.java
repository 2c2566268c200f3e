package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.audit.Actor;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The account of the deliveries detects losses of any cause, before the clean-up deletes the rows
 * that show them.
 */
class RelayAccountIT extends WithRelayBench {
  @BeforeEach
  void configure() {
    bench.with("outbox.retention", "0s").with("outbox.clean-up-interval", "50ms");
  }

  /** Starts a relay with a retention of an hour, has it deliver some events, and stops it. */
  private void deliver(int events) throws SQLException {
    int before = bench.arrived().size();
    bench.with("outbox.retention", "1h").leading();
    bench.commitMany(events, 10);
    bench.awaitArrivals(before + events);
    bench.stopAll();
  }

  private void cleanUp() {
    bench.with("outbox.retention", "0s").leading();
  }

  @Test
  void aRowWithAHandPickedLowNumberIsNoticed() throws SQLException {
    deliver(10);
    insert("xid, seq", "'5', -3");

    cleanUp();

    awaitDifference(-4096, 0, 1);
    assertThat(rows("seq = -3")).isEqualTo(1);
  }

  @Test
  void aRowThatCameWithTheTransactionIdOfAnotherClusterIsNoticed() throws SQLException {
    deliver(10);
    execute(
        "set session_replication_role = replica; insert into outbox (xid, seq, aggregate_type,"
            + " aggregate_id, event_type) select '7', nextval('outbox_seq'), 'order', 'copied', 'e'");

    cleanUp();

    awaitDifference(0, 10, 11);
    assertThat(rows("aggregate_id = 'copied'")).isEqualTo(1);
    assertThat(bench.arrived()).hasSize(10);
  }

  @Test
  void aRowThatGotAnotherTransactionIdBeforeItWasReadIsNoticed() throws SQLException {
    RelayBench.assumeNoPermanentSlot();
    deliver(10);
    bench.commit("late", 1);
    execute("update outbox set xid = '9' where aggregate_id = 'late'");

    cleanUp();

    awaitDifference(0, 10, 11);
    assertThat(rows("aggregate_id = 'late'")).isEqualTo(1);
  }

  @Test
  void aCheckpointThatWasMovedByHandIsNoticed() throws SQLException {
    deliver(10);
    bench.commitMany(5, 10);
    execute(
        "update outbox_checkpoint set settled = pg_current_snapshot(), top = 15, floor = 15,"
            + " fence = pg_current_xact_id()");

    cleanUp();

    awaitDifference(0, 10, 15);
    assertThat(rows("true")).isEqualTo(15);
  }

  @Test
  void aRowThatGotAnotherNumberIsNoticed() throws SQLException {
    RelayBench.assumeNoPermanentSlot();
    deliver(10);
    execute("update outbox set seq = -seq where seq = 4");

    cleanUp();

    awaitDifference(-4096, 0, 1);
    awaitDifference(0, 10, 9);
    assertThat(rows("true")).isEqualTo(10);
  }

  @Test
  void aRowThatGotAnotherIdIsNoticed() throws SQLException {
    deliver(10);
    execute("update outbox set id = gen_random_uuid() where seq = 4");

    cleanUp();

    awaitDifference(0, 10, 10);
    assertThat(rows("true")).isEqualTo(10);
  }

  /** The number of rows is correct, but one of the rows was never delivered. */
  @Test
  void aRowThatTookThePlaceOfADeletedOneIsNoticed() throws SQLException {
    deliver(10);
    execute("delete from outbox where seq = 4");
    insert("xid, seq", "'5', 4");

    cleanUp();

    awaitDifference(0, 10, 10);
    assertThat(rows("true")).isEqualTo(10);
  }

  @Test
  void aDifferenceBecauseTheAccountWasTruncatedEndsWhenItIsAccepted() throws Exception {
    deliver(10);
    execute("truncate outbox_account");

    cleanUp();

    awaitDifference(0, 0, 10);
    assertThat(rows("true")).isEqualTo(10);
    assertThat(accept(1, 10)).isEqualTo(1);
    bench.commitMany(10, 10);
    bench.awaitArrivals(20);
    await().atMost(PATIENCE).until(() -> rows("true") == 0);
    assertThat(bench.query("select count(*) from outbox_difference")).isEqualTo("0");
  }

  @Test
  void rowsThatAnotherSessionDeletedAreToldAsFewer() throws SQLException {
    deliver(10);
    execute("delete from outbox where seq in (4, 5)");

    cleanUp();

    awaitDifference(0, 10, 8);
    assertThat(rows("true")).isEqualTo(8);
  }

  @Test
  void aRangeThatAnotherSessionEmptiedHoldsNothingUp() throws SQLException {
    deliver(10);
    execute("truncate outbox");
    execute("select setval('outbox_seq', 4096)");

    cleanUp();
    bench.commitMany(10, 10);
    bench.awaitArrivals(20);

    await().atMost(PATIENCE).until(() -> rows("true") == 0);
    assertThat(bench.query("select count(*) from outbox_difference")).isEqualTo("0");
    await()
        .atMost(PATIENCE)
        .until(
            () -> bench.query("select count(*) from outbox_account where range = 0").equals("0"));
  }

  @Test
  void otherRangesAreCleanedBesideOneThatDiffers() throws SQLException {
    deliver(10);
    execute("delete from outbox where seq = 4");
    execute("select setval('outbox_seq', 9000)");

    cleanUp();
    bench.commitMany(100, 10);
    bench.awaitArrivals(110);

    awaitDifference(0, 10, 9);
    await().atMost(PATIENCE).until(() -> rows("true") == 9);
    // A later pass does not delete the account of the range.
    bench.commitMany(100, 10);
    bench.awaitArrivals(210);
    await().atMost(PATIENCE).until(() -> rows("true") == 9);
    assertThat(bench.query("select sum(events) from outbox_account where range = 0"))
        .isEqualTo("10");
    awaitDifference(0, 10, 9);
  }

  @Test
  void ofTwoRangesThatDifferTheOneThatIsAcceptedIsCleaned() throws Exception {
    deliver(10);
    execute("select setval('outbox_seq', 9000)");
    deliver(10);
    execute("delete from outbox where seq in (4, 9004)");

    cleanUp();
    awaitDifference(0, 10, 9);
    awaitDifference(9000, 10, 9);
    assertThat(accept(9001, 9010)).isEqualTo(1);

    await().atMost(PATIENCE).until(() -> rows("true") == 9);
    awaitDifference(0, 10, 9);
    assertThat(bench.query("select count(*) from outbox_difference")).isEqualTo("1");
  }

  /** Some events of the range expire only after the operator has accepted its difference. */
  @Test
  void eventsThatExpireAfterTheAcceptanceAreDeletedToo() throws Exception {
    deliver(10);
    execute("delete from outbox where seq = 4");
    execute("update outbox set created_at = now() + interval '1 h' where seq > 5");
    execute("select setval('outbox_seq', 9000)");

    cleanUp();
    bench.commitMany(10, 10);
    bench.awaitArrivals(20);
    awaitDifference(0, 10, 9);
    await().atMost(PATIENCE).until(() -> rows("seq > 9000") == 0);
    assertThat(accept(1, 10)).isEqualTo(1);
    await().atMost(PATIENCE).until(() -> rows("true") == 5);
    execute("update outbox set created_at = now()");

    await().atMost(PATIENCE).until(() -> rows("true") == 0);
  }

  /** The range is compared soon after it is full, long before it expires. */
  @Test
  void aLossIsToldLongBeforeTheCleanUp() throws SQLException {
    bench.with("outbox.retention", "1h").leading();
    bench.commitMany(5_000, 10);
    bench.awaitArrivals(5_000);
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select compared from outbox_checkpoint").equals("1"));
    assertThat(bench.query("select count(*) from outbox_difference")).isEqualTo("0");

    execute("select setval('outbox_seq', 8000)");
    insert("xid, seq", "'5', 6000");
    bench.commitMany(500, 10);
    bench.awaitArrivals(5_500);

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query("select range from outbox_difference where standing = delivered + 1")
                    .equals("1"));
    assertThat(rows("true")).isEqualTo(5_501);
  }

  @Test
  void aRelayThatIsKilledRaisesNoAlarm() throws Exception {
    bench.leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(10))) {
      writers.start(6, 2, 31);
      for (int i = 0; i < 3; i++) {
        int arrived = bench.arrived().size();
        await().atMost(PATIENCE).until(() -> bench.arrived().size() > arrived + 5);
        bench.terminate("true");
      }
      var committed = writers.finish();
      bench.awaitAll(committed);
      await().atMost(PATIENCE).until(() -> rows("true") == 0);
      assertThat(bench.query("select count(*) from outbox_difference")).isEqualTo("0");
    }
  }

  /**
   * Accepts the differences in a range of sequence numbers, as an operator does; returns the number
   * of ranges.
   */
  private long accept(long first, long last) {
    return done(
        Database.create(bench.vertx(), DatabaseConfig.from(bench.settings()))
            .connect()
            .compose(
                connection ->
                    AccountDifferences.accept(
                        connection,
                        bench.relayConfig().outbox().names(),
                        first,
                        last,
                        new Actor("tester", Actor.Channel.COMMAND))));
  }

  private void insert(String columns, String values) throws SQLException {
    execute(
        "insert into outbox (%s, aggregate_type, aggregate_id, event_type) values (%s, 'order', 'by hand', 'e')"
            .formatted(columns, values));
  }

  private void execute(String sql) throws SQLException {
    bench.database().execute(sql);
  }

  private int rows(String condition) throws SQLException {
    return Integer.parseInt(bench.query("select count(*) from outbox where " + condition));
  }

  private void awaitDifference(long first, long delivered, long standing) {
    String expected = "%d|%d".formatted(delivered, standing);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query(
                        "select coalesce(max(delivered || '|' || standing), '') from outbox_difference where range = "
                            + (first >> 12))
                    .equals(expected));
  }
}

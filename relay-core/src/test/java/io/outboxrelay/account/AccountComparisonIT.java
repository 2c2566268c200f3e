package io.outboxrelay.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares the rows and the account of one range, with a checkpoint that the test sets. */
class AccountComparisonIT {
  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));
  private final TestDatabase database = PostgresServer.shared().createDatabase();

  @BeforeEach
  void deliverTen() throws SQLException {
    database.execute(new OutboxSchema(config).withoutDoorbell().script());
    write(10);
    database.execute(
        "update outbox_checkpoint set settled = pg_current_snapshot(), top = 10, floor = 0,"
            + " fence = pg_current_xact_id()");
    AccountProbe.adopt(database, config.names());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aRangeThatAgreesIsNotNoted() throws SQLException {
    compare();

    assertThat(noted()).isEmpty();
  }

  /**
   * A server with another byte order computes other hashes; then only the numbers of events are
   * compared.
   */
  @Test
  void aDifferenceOfNumbersAloneIsNoted() throws SQLException {
    database.execute("update outbox_account set events = events + 1");

    compare();

    assertThat(noted()).isEqualTo("0: 11 10 0");
  }

  /** The reader does not read below the floor, so such a row is never published. */
  @Test
  void aRowBelowTheFloorDiffersAlsoIfItsTransactionIsNotSettled() throws SQLException {
    database.execute(
        "insert into outbox (seq, aggregate_type, aggregate_id, event_type)"
            + " values (0, 'order', 'a', 'paid')");

    compare();

    assertThat(noted()).startsWith("0: 10 11 ");
  }

  /** An acceptance adds the noted digest to the account, so it must be the present one. */
  @Test
  void aDifferenceOfHashesIsNotedAgainWhenItChanges() throws SQLException {
    database.execute("update outbox set id = gen_random_uuid() where seq = 4");
    compare();
    String before = noted();
    assertThat(before).startsWith("0: 10 10 ");
    String digest = query("select digest from outbox_difference");

    database.execute("update outbox set id = gen_random_uuid() where seq = 5");
    compare();

    assertThat(noted()).startsWith("0: 10 10 ");
    assertThat(query("select digest from outbox_difference")).isNotEqualTo(digest);
  }

  @Test
  void aDifferenceThatIsGoneIsClearedAndThoseOfOtherRangesStay() throws SQLException {
    database.execute(
        "insert into outbox_difference (range, delivered, standing, digest)"
            + " values (-1, 1, 2, 3), (0, 10, 11, 5), (1, 1, 2, 3)");

    compare();

    assertThat(noted()).isEqualTo("-1: 1 2 3, 1: 1 2 3");
  }

  @Test
  void aRangeOfWhichNothingIsLeftDoesNotDiffer() throws SQLException {
    database.execute("delete from outbox");

    compare();

    assertThat(noted()).isEmpty();
  }

  /** The log has delivered the first four rows of a transaction, and the account counts them. */
  @Test
  void aPartOfATransactionThatIsCountedAndNotConfirmedIsNoDifference() throws SQLException {
    write(10);
    database.execute(
        """
        update outbox_checkpoint
          set partial_xid = (select xid from outbox where seq = 11), partial_rows = 4,
              partial_last = 14, partial_ranges = '{0}', partial_events = '{4}',
              partial_digests = '{40}';
        update outbox_account set events = events + 4, digest = digest + 40
        """);

    compare();

    assertThat(noted()).isEmpty();
  }

  private void write(int events) throws SQLException {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type)"
            + " select 'order', 'a', 'paid' from generate_series(1, "
            + events
            + ")");
  }

  /** Compares the numbers from 0 to 4095. */
  private void compare() throws SQLException {
    var names = config.names();
    database.execute(
        "with standing as materialized (%s), found as materialized (%s), noted as (%s), cleared as (%s) select 1"
            .formatted(
                AccountComparison.standing(names),
                AccountComparison.found(names),
                AccountComparison.noted(names),
                AccountComparison.cleared(names))
            .replace("$1", "0::bigint")
            .replace("$2", "4095::bigint"));
  }

  private String noted() throws SQLException {
    return query(
        "select coalesce(string_agg(concat(range, ': ', delivered, ' ', standing, ' ', digest), ', '"
            + " order by range), '') from outbox_difference");
  }

  private String query(String sql) throws SQLException {
    try (var reading = database.connect();
        var statement = reading.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}

package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * A row that PostgreSQL cannot print, or only at too high a cost, becomes a dead letter with the
 * reason.
 */
class RelayUnreadableRowIT {
  /**
   * The limit applies to the size in memory, because PostgreSQL tells the length of a text only by
   * producing it. The text of 600,000 bytes would be allowed.
   */
  @Test
  void aJsonbThatIsLargeInMemoryIsRejectedWithTheTrueReason() throws SQLException {
    try (var bench = RelayBench.create()) {
      bench.with("relay.source", "table").with("relay.max-event-size", "1MiB").leading();

      bench
          .database()
          .execute(
              "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                  + " select 'order', 'a-1', '1', jsonb_agg(1) from generate_series(1, 200000)");

      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () ->
                  bench
                      .query("select string_agg(reason, '') from outbox_dead_letter")
                      .contains(
                          "its payload has more than 2097152 bytes as jsonb in PostgreSQL's memory,"
                              + " which is 2 times the 1048576 bytes that relay.max-event-size"
                              + " allows, so it was not read"));
    }
  }

  /**
   * The text of 9,000 numbers of 131,000 digits exceeds 1 GB, so each query that reads it fails. A
   * query also fails if parts of a value are missing in the TOAST table.
   */
  @Test
  void aRowThatTheServerCannotPrintIsSetAsideAndStopsNoOther() throws SQLException {
    try (var bench = RelayBench.create()) {
      // The server needs seconds to produce the text, and longer if the machine is busy.
      bench.with("relay.answer-timeout", "60s").with("relay.lease-timeout", "120s");
      bench
          .database()
          .execute(
              """
              insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)
              select 'order', 'o-' || n, '1', '{}'::jsonb, null::jsonb from generate_series(1, 40) n
              union all
              select 'order', 'damaged', '1', '{}', (
                select jsonb_object_agg(n, md5(n::text)) from generate_series(1, 1000) n)
              """);
      loseToast(bench);
      bench
          .database()
          .execute(
              """
              insert into outbox (aggregate_type, aggregate_id, event_type, payload)
              select 'order', 'huge', '1', jsonb_agg('1e131000'::jsonb) from generate_series(1, 9000)
              union all
              select 'order', 'p-' || n, '1', '{}'::jsonb from generate_series(1, 40) n
              """);

      bench.leading();

      bench.awaitArrivals(80);
      bench.commit("huge", 2);
      bench.commit("other", 1);
      bench.awaitArrivals(81);
      awaitDeadLetters(bench, "3");
      assertThat(bench.arrived()).hasSize(81);
      assertThat(
              bench.query(
                  "select string_agg(concat_ws(' ', aggregate_id, event_type, reason), E'\\n' order by seq)"
                      + " from outbox_dead_letter"))
          .containsSubsequence(
              "damaged 1 PostgreSQL cannot read its row",
              "chunk number",
              "huge 1 PostgreSQL cannot read its row",
              "1073",
              "huge 2 waits behind");

      bench.stopAll();
      bench
          .database()
          .execute("update outbox_dead_letter set redelivery = 'requested' where event_type = '1'");
      bench.leading();

      // The server produces a gigabyte of text again, and a lost answer makes the relay try again.
      Awaitility.await()
          .atMost(PATIENCE.multipliedBy(3))
          .until(
              () ->
                  bench
                      .query("select count(*) from outbox_dead_letter where attempts >= 2")
                      .equals("2"));
    }
  }

  /** Deletes the rows of the TOAST table, as a damaged disk may do. */
  private static void loseToast(RelayBench bench) throws SQLException {
    bench
        .database()
        .execute(
            """
            do $$
            declare toast oid;
            begin
              select reltoastrelid into toast from pg_class where oid = 'outbox'::regclass;
              update pg_class set relkind = 'r' where oid = toast;
              execute format('delete from %s', toast::regclass);
              update pg_class set relkind = 't' where oid = toast;
            end $$
            """);
  }

  private static void awaitDeadLetters(RelayBench bench, String count) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals(count));
  }
}

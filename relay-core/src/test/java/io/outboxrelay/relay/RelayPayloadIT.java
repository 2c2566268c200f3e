package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.PostgresServer;
import io.vertx.core.buffer.Buffer;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The payload's bytes reach the broker as the column holds them, whatever its type. */
class RelayPayloadIT {
  /**
   * A text with a key order, spaces, a repeated key, an exponent and an escape: a parser would not
   * preserve them.
   */
  private static final String JSON =
      "{ \"b\":1,  \"a\" : 1e2, \"a\": 2.50, \"text\": \"\\u00e4 ä 😀 \\n\" }";

  private static final byte[] BINARY = {0, (byte) 0xff, (byte) 0xfe, '\n', (byte) 0x80, 0};

  private void arrives(String type, String sql, byte[] expected, String contentType)
      throws SQLException {
    try (var bench = RelayBench.withoutOutbox(PostgresServer.shared())) {
      bench.with("outbox.payload", type).init();
      bench.leading();

      bench
          .database()
          .execute(
              "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                  + " values ('order', 'a-1', 'changed', "
                  + sql
                  + "), ('order', 'a-1', 'deleted', null)");

      bench.awaitArrivals(2);
      var message = bench.arrived().get(0);
      assertThat(message.payload()).isEqualTo(Buffer.buffer(expected));
      assertThat(message.headers()).contains(Map.entry(MessageHeaders.CONTENT_TYPE, contentType));
      assertThat(bench.arrived().get(1).payload()).isNull();
    }
  }

  @Test
  void jsonStaysAsItWasWritten() throws SQLException {
    arrives("json", quoted(JSON), JSON.getBytes(UTF_8), "application/json");
  }

  @Test
  void jsonbIsWhatTheDatabasePrints() throws SQLException {
    arrives(
        "jsonb",
        quoted(JSON),
        "{\"a\": 2.50, \"b\": 1, \"text\": \"ä ä 😀 \\n\"}".getBytes(UTF_8),
        "application/json");
  }

  @Test
  void textMayHoldAnything() throws SQLException {
    String text = " <order id='1'>\n\tä 😀</order> ";
    arrives("text", quoted(text), text.getBytes(UTF_8), "text/plain; charset=utf-8");
  }

  @Test
  void binaryHasNoCharacters() throws SQLException {
    arrives("bytea", "'\\x00fffe0a8000'", BINARY, "application/octet-stream");
  }

  @Test
  void aDomainIsReadAsItsBaseType() throws SQLException {
    try (var bench = RelayBench.create()) {
      bench
          .database()
          .execute(
              "create domain event_kind as text;"
                  + " alter table outbox alter event_type type event_kind");
      bench.leading();

      bench.commit("a-1", 1);

      bench.awaitArrivals(1);
    }
  }

  @Test
  void anEventThatIsTooLargeIsRejectedUnread() throws SQLException {
    try (var bench = RelayBench.create()) {
      bench.with("relay.max-event-size", "1MiB").leading();

      bench
          .database()
          .execute(
              """
              insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers) values
                ('order', 'a-1', '1', to_jsonb(repeat('x', 50000000)), null),
                ('order', 'a-2', '2', '{}', jsonb_build_object('h', repeat('x', 1500000))),
                ('order', 'a-3', '3', to_jsonb(repeat('x', 1048000)), null),
                ('order', 'a-4', '4', '{}', jsonb_build_object('h', repeat('x', 1048000)));
              """);

      bench.awaitArrivals(2);
      assertThat(bench.versions()).containsOnlyKeys("a-3", "a-4");
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("2"));
      assertThat(
              bench.query(
                  "select string_agg(concat_ws(' ', event_type, state, length(payload::text), reason), E'\\n'"
                      + " order by seq) from outbox_dead_letter"))
          .contains("1 parked 50000002 its payload has more than ")
          .contains(
              "2 parked 2 its headers have more than the 1048576 bytes that relay.max-event-size");
    }
  }

  /** The limit is exact for each type, for compressed and for uncompressed values. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text  | 1024    | repeat('x', %d)",
        "text  | 1048576 | repeat('x', %d)",
        "bytea | 1024    | convert_to(repeat('x', %d), 'UTF8')",
        "bytea | 1048576 | convert_to(repeat('x', %d), 'UTF8')",
        "json  | 1024    | to_json(repeat('x', %d - 2))",
        "json  | 1048576 | to_json(repeat('x', %d - 2))",
        "jsonb | 1024    | to_jsonb(repeat('x', %d - 2))",
        "jsonb | 1048576 | to_jsonb(repeat('x', %d - 2))"
      })
  void thePayloadMayHaveExactlyTheBytesOfTheLimit(String type, int limit, String value)
      throws SQLException {
    try (var bench = RelayBench.withoutOutbox(PostgresServer.shared())) {
      bench.with("outbox.payload", type).with("relay.max-event-size", limit + "B").init();
      bench.leading();

      for (int bytes : new int[] {limit - 1, limit, limit + 1}) {
        bench
            .database()
            .execute(
                "insert into outbox (aggregate_type, aggregate_id, event_type, payload) values"
                    + " ('order', '%d', '1', %s)".formatted(bytes, value.formatted(bytes)));
      }

      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("1"));
      bench.awaitArrivals(2);
      assertThat(bench.arrived())
          .extracting(message -> Objects.requireNonNull(message.payload()).length())
          .containsExactlyInAnyOrder(limit - 1, limit);
      assertThat(bench.query("select aggregate_id from outbox_dead_letter"))
          .isEqualTo(String.valueOf(limit + 1));
    }
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}

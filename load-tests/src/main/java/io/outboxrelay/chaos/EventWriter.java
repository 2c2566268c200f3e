package io.outboxrelay.chaos;

import io.outboxrelay.testkit.EventInsert;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;

/** The statements of one transaction. */
final class EventWriter {
  /** A version that must never reach a consumer, because it was rolled back. */
  static final int UNDONE = -1;

  private static final String FILLER = "x".repeat(1 << 21);

  private final Connection connection;
  private final Random random;

  EventWriter(Connection connection, Random random) {
    this.connection = connection;
    this.random = random;
  }

  void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Writes an event of ordinary size. */
  void write(String aggregate, int version) throws SQLException {
    write(aggregate, version, random.nextInt(300), "");
  }

  /**
   * Writes an event.
   *
   * @param headers a JSON object, or an empty string for none
   */
  void write(String aggregate, int version, int textLength, String headers) throws SQLException {
    var payload =
        "{\"v\": %d, \"size\": %d, \"text\": \"%s\"}"
            .formatted(version, textLength, FILLER.substring(0, textLength));
    var destination = ChaosDestinations.of(aggregate);
    try (var insert = EventInsert.withHeaders(connection)) {
      insert.write(destination, aggregate, "changed", payload, headers.isEmpty() ? null : headers);
    }
  }

  /** Writes {@code count} events in one statement. */
  void writeMany(String aggregate, int after, int count) throws SQLException {
    execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
            + " select '%s', '%s', 'changed', jsonb_build_object('v', %d + g, 'size', 2, 'text', 'xx')"
                .formatted(ChaosDestinations.of(aggregate), aggregate, after)
            + " from generate_series(1, "
            + count
            + ") g");
  }

  /** Writes an event and rolls it back to a savepoint. */
  void writeAndUndo(String aggregate) throws SQLException {
    execute("savepoint undone");
    write(aggregate, UNDONE);
    execute("rollback to savepoint undone");
  }
}

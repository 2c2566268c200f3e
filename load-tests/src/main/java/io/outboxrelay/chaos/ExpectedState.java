package io.outboxrelay.chaos;

import io.outboxrelay.testkit.AggregateVersions;
import io.outboxrelay.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of the database: the versions that are committed, and which of them are dead letters.
 *
 * @param versions the last version of each aggregate
 * @param deadLetters the versions of each aggregate in the dead letters, from the first rejected
 *     one on, ordered by sequence number
 */
record ExpectedState(Map<String, Integer> versions, Map<String, List<Integer>> deadLetters) {
  /**
   * Selects each aggregate's dead letters from the first rejected one on. Earlier ones are left
   * out: after a crash, an event that was delivered just before the rejected one is read again and
   * set aside with it, so it will be repeated when the aggregate is redelivered.
   */
  private static final String DEAD_LETTERS =
      """
      select aggregate_id, version
      from (
        select seq, aggregate_id, (payload->>'v')::int as version,
               bool_or(attempts > 0) over (partition by aggregate_id order by seq) as rejected
        from outbox_dead_letter
        where redelivery is null or redelivery in ('requested', 'in_progress')
      ) letter
      where rejected
      order by seq
      """;

  /** Reads versions and dead letters in one snapshot. */
  static ExpectedState of(TestDatabase database) throws SQLException {
    try (var connection = database.connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      return new ExpectedState(AggregateVersions.all(connection), deadLetters(connection));
    }
  }

  private static Map<String, List<Integer>> deadLetters(Connection connection) throws SQLException {
    var found = new HashMap<String, List<Integer>>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(DEAD_LETTERS)) {
      while (rows.next()) {
        found.computeIfAbsent(rows.getString(1), first -> new ArrayList<>()).add(rows.getInt(2));
      }
    }
    return found;
  }

  /**
   * Returns this state with the dead letters of these aggregates only, because those of all others
   * will be redelivered.
   */
  ExpectedState expecting(Collection<String> parked) {
    var found = new HashMap<>(deadLetters);
    found.keySet().retainAll(parked);
    return new ExpectedState(versions, found);
  }

  /** Returns this state with the dead letters that the database holds now. */
  ExpectedState withDeadLettersOf(TestDatabase database) throws SQLException {
    try (var connection = database.connect()) {
      return new ExpectedState(versions, deadLetters(connection));
    }
  }

  long committed() {
    return versions.values().stream().mapToLong(Integer::longValue).sum();
  }

  long parked() {
    return deadLetters.values().stream().mapToLong(List::size).sum();
  }
}

package io.outboxrelay.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Accesses a table that contains the present version of each aggregate. A writer raises the version
 * of an aggregate in the same transaction in which it writes the aggregate's event. The table
 * therefore shows which events were committed, even if a connection was lost during a commit.
 */
public final class AggregateVersions {
  private static final Comparator<String> BY_NUMBER =
      Comparator.comparing(String::length).thenComparing(String::toString);

  private AggregateVersions() {}

  /**
   * Returns the SQL that creates the table, with aggregates {@code a-1} to {@code a-n} in version
   * 0, and a table {@code other} for {@link #takeTransactionId}.
   */
  public static String script(int aggregates) {
    return """
        create table if not exists aggregate (id text primary key, version int not null);
        create table if not exists other (x int);
        insert into aggregate select 'a-' || g, 0 from generate_series(1, %d) g
        on conflict do nothing;
        """
        .formatted(aggregates);
  }

  /**
   * Returns one to three random aggregates of {@code a-1} to {@code a-n}. They are sorted by their
   * number, so that writers that lock aggregates in this order do not deadlock.
   */
  public static SortedSet<String> some(Random random, int aggregates) {
    var some = new TreeSet<>(BY_NUMBER);
    int count = random.nextInt(5) < 3 ? 1 : 1 + random.nextInt(3);
    while (some.size() < count) {
      some.add("a-" + (1 + random.nextInt(aggregates)));
    }
    return some;
  }

  /**
   * Makes the current transaction take its transaction id. A test calls this long before the
   * transaction writes its events.
   */
  public static void takeTransactionId(Connection connection) throws SQLException {
    update(connection, "insert into other values (1)");
  }

  /** Adds a row for an aggregate, with this version. */
  public static void add(Connection connection, String aggregate, int version) throws SQLException {
    update(connection, "insert into aggregate values ('%s', %d)".formatted(aggregate, version));
  }

  /** Returns the version of an aggregate, as the transaction sees it; 0 if there is none. */
  public static int read(Connection connection, String aggregate) throws SQLException {
    return version(connection, aggregate, "");
  }

  /** Returns the version of an aggregate, and locks it until the transaction ends. */
  public static int lock(Connection connection, String aggregate) throws SQLException {
    return version(connection, aggregate, " for update");
  }

  private static int version(Connection connection, String aggregate, String lock)
      throws SQLException {
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select version from aggregate where id = '" + aggregate + "'" + lock)) {
      return row.next() ? row.getInt(1) : 0;
    }
  }

  /**
   * Changes the version of an aggregate from {@code from} to {@code to}. Returns false, and changes
   * nothing, if the version is not {@code from}.
   */
  public static boolean advance(Connection connection, String aggregate, int from, int to)
      throws SQLException {
    return update(
            connection,
            "update aggregate set version = %d where id = '%s' and version = %d"
                .formatted(to, aggregate, from))
        > 0;
  }

  private static int update(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  /**
   * Returns the present version of each aggregate that has at least one event, as the transaction
   * sees it.
   */
  public static Map<String, Integer> all(Connection connection) throws SQLException {
    var versions = new TreeMap<String, Integer>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("select id, version from aggregate where version > 0")) {
      while (rows.next()) {
        versions.put(rows.getString(1), rows.getInt(2));
      }
    }
    return versions;
  }
}

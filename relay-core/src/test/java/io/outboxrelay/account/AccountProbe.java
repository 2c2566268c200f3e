package io.outboxrelay.account;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;

/** Compares the whole outbox with the account. */
public final class AccountProbe {
  private AccountProbe() {}

  /** Returns the SQL expression of the hash of a row with the alias {@code event}. */
  public static String hash() {
    return EventHash.sql("event.");
  }

  /** Adds the events that the checkpoints confirm to the account, for tests without a relay. */
  public static void adopt(TestDatabase database, OutboxNames names) throws SQLException {
    database.execute(
        "insert into %s as account (range, shard, events, digest) ".formatted(names.account())
            + "select range, 0, standing - delivered, digest from ("
            + found(names)
            + " select * from found) found on conflict (range, shard) do update"
            + " set events = account.events + excluded.events,"
            + " digest = account.digest + excluded.digest");
  }

  private static String found(OutboxNames names) {
    return "with standing as materialized (%s), found as materialized (%s)"
        .formatted(AccountComparison.standing(names), AccountComparison.found(names))
        .replace("$1", "0::bigint")
        .replace("$2", (1L << 40) + "::bigint");
  }

  /** Returns the ranges that differ, such as {@code 0: 3 delivered, 4 standing}; empty if none. */
  public static String differences(TestDatabase database, OutboxNames names) throws SQLException {
    try (var connection = database.connect()) {
      return differences(connection, names);
    }
  }

  /** Returns the ranges that differ, read on a connection of the caller. */
  public static String differences(Connection connection, OutboxNames names) throws SQLException {
    String query =
        found(names)
            + " select coalesce(string_agg(range || ': ' || delivered || ' delivered, ' || standing"
            + " || ' standing, ' || digest, '; '), '') from found where delivered <> standing or"
            + " digest <> 0";
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}

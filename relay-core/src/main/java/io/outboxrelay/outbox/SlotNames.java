package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * The names of an outbox's replication slots, unquoted.
 *
 * <p>All databases of a server share one space of slot names, and outboxes in several databases
 * often have equal names, so a slot's name contains the database's oid. The oid stays the same if
 * the database is renamed, and on a standby.
 *
 * @param prefix the text with which the names of all slots of this outbox begin, and no other
 *     slot's name
 */
public record SlotNames(String prefix) {
  private static final String DATABASE =
      "select oid::bigint from pg_database where datname = current_database()";

  /** Completes with the names for an outbox in the database of a connection. */
  public static Future<SlotNames> read(SqlConnection connection, OutboxNames names) {
    return connection
        .query(DATABASE)
        .execute()
        .map(rows -> of(names, rows.iterator().next().getLong(0)));
  }

  /**
   * Returns the names.
   *
   * @param database the oid of the database
   */
  public static SlotNames of(OutboxNames names, long database) {
    return new SlotNames(names.publication() + "_" + database + "_");
  }

  /** Returns the name of a shard's permanent slot, which outlives the relay. */
  public String permanent(int shard) {
    return prefix + shard;
  }

  /** Returns a regular expression that matches the names of the permanent slots of all shards. */
  public String permanentPattern() {
    return "^" + prefix + "[0-9]+$";
  }

  /**
   * Returns the name of a shard's temporary slot, which ends with its connection.
   *
   * @param term a number that no other slot of the shard has had
   */
  public String temporary(int shard, String term) {
    return prefix + shard + "_" + term;
  }
}

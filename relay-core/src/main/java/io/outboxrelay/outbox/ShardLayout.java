package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;

/**
 * The shard layout that is stored in the database.
 *
 * @param shards the number of shards
 * @param hashesAsThen true if this server hashes like the server on which the shards were made
 */
public record ShardLayout(int shards, boolean hashesAsThen) {
  private static final String READ =
      """
      select count(*)::int, max(shard) + 1, min(shards), max(shards), bool_and(hash = %2$s),
             min(shard) filter (where not coalesce(
               epoch >= 0 and shards > 0 and hash is not null and top is not null
               and floor is not null and fence::text ~ '^[0-9]+$'
               and settled::text ~ '^[0-9]+:[0-9]+:[0-9,]*$'
               and (open_window is null
                 or open_window::text ~ '^[0-9]+:[0-9]+:[0-9,]*$' and position is not null), false))
      from %1$s
      """;

  /**
   * Reads the shard layout; fails with {@link OutboxTable.IncompleteException} if the rows of the
   * shards contradict each other.
   */
  public static Future<ShardLayout> read(SqlClient database, OutboxNames names) {
    return database
        .query(READ.formatted(names.checkpoint(), ShardKey.PROBE))
        .execute()
        .map(rows -> of(rows.iterator().next(), names));
  }

  private static ShardLayout of(Row row, OutboxNames names) {
    int rows = row.getInteger(0);
    if (rows == 0) {
      throw new OutboxTable.IncompleteException(
          names.checkpoint()
              + " is empty, so it is unknown what was published; restore its rows, or drop the"
              + " table and run the command init to publish all that the outbox holds once more");
    }
    Integer unreadable = row.getInteger(5);
    if (unreadable != null) {
      throw new OutboxTable.IncompleteException(
          "the row of shard %d in %s holds a value that no relay has written there, so it is unknown"
                  .formatted(unreadable, names.checkpoint())
              + " what was published. Nothing is published until the row is as it was; or, to publish"
              + " all that the outbox holds once more, drop the table and run the command init");
    }
    boolean consistent =
        rows == row.getInteger(1) && rows == row.getInteger(2) && rows == row.getInteger(3);
    if (!consistent) {
      throw new OutboxTable.IncompleteException(
          "%s has %d rows, for shards up to %d, and its column shards holds %d to %d: it was changed"
                  .formatted(
                      names.checkpoint(),
                      rows,
                      row.getInteger(1) - 1,
                      row.getInteger(2),
                      row.getInteger(3))
              + " by hand. Nothing is published, because events could be lost or overtaken; restore the"
              + " rows as they were, and change the number of shards with the command shards");
    }
    return new ShardLayout(rows, row.getBoolean(4));
  }

  /**
   * Returns the number of shards. Throws {@link OutboxTable.IncompleteException} if this server
   * hashes aggregate ids differently from the server on which the shards were made.
   */
  public int inForce() {
    if (shards > 1 && !hashesAsThen) {
      throw new OutboxTable.IncompleteException(
          "this server hashes texts differently from the one where the %d shards were made, so"
                  .formatted(shards)
              + " events could be lost or overtaken. Nothing is published; stop every relay and run"
              + " the command shards %d, which divides the outbox anew".formatted(shards));
    }
    return shards;
  }
}

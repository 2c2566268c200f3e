package io.outboxrelay.poison;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;

/**
 * The crashes of a shard's relays, as recorded when a term begins.
 *
 * @param process identifies this process
 * @param crashes the number of crashes in a row without progress
 * @param suspect the sequence number of the event that was in flight at the last crashes; 0 if
 *     there is none
 * @param suspectCrashes the number of crashes with the suspect in flight
 * @param last the highest sequence number of the outbox when the term began
 */
public record CrashHistory(
    String process, int crashes, long suspect, int suspectCrashes, long last) {
  /**
   * A random id of this process. The process id and the host name do not identify it, because an
   * earlier process may have had the same.
   */
  static final String THIS_PROCESS = UUID.randomUUID().toString();

  /**
   * Records the beginning of a term and selects the crash history. If the previous term belonged to
   * the same process and ended, for example, with a lost connection, no crash is counted. An event
   * stays the suspect until another event was in flight at a crash.
   */
  private static final String BEGIN =
      """
      insert into %1$s as guard (shard, process_id, progress)
      select shard, $2, concat_ws(' ', settled, open_window, position) from %2$s where shard = $1
      on conflict (shard) do update
      set crashes = case when guard.process_id is null then 0
                         when guard.process_id = excluded.process_id then guard.crashes
                         when guard.progress = excluded.progress then guard.crashes + 1
                         else 1 end,
          suspect_crashes = case when guard.in_flight is null
                                      or guard.process_id = excluded.process_id
                                   then guard.suspect_crashes
                                 when guard.in_flight = guard.suspect_seq
                                   then guard.suspect_crashes + 1
                                 else 1 end,
          suspect_seq = case when guard.process_id = excluded.process_id then guard.suspect_seq
                             else coalesce(guard.in_flight, guard.suspect_seq) end,
          counted_process = case when guard.process_id = excluded.process_id
                                   then guard.counted_process
                                 else guard.process_id end,
          counted_suspect = case when guard.process_id = excluded.process_id
                                   then guard.counted_suspect
                                 else guard.in_flight is not null end,
          in_flight = null, process_id = excluded.process_id, progress = excluded.progress
      returning crashes, coalesce(suspect_seq, 0), suspect_crashes, (select last_value from %3$s)
      """;

  /**
   * Records the beginning of a term that owns its shard. If another process began the previous term
   * and did not end it cleanly, counts a crash.
   */
  public static Future<CrashHistory> begin(SqlClient database, OutboxNames names, int shard) {
    return begin(database, names, shard, THIS_PROCESS);
  }

  static Future<CrashHistory> begin(
      SqlClient database, OutboxNames names, int shard, String process) {
    return database
        .preparedQuery(BEGIN.formatted(names.crashGuard(), names.checkpoint(), names.sequence()))
        .execute(Tuple.of(shard, process))
        .map(rows -> of(process, rows.iterator().next()));
  }

  private static CrashHistory of(String process, Row row) {
    return new CrashHistory(
        process, row.getInteger(0), row.getLong(1), row.getInteger(2), row.getLong(3));
  }
}

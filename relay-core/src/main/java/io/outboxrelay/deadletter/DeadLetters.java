package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes events to the dead letters, as they stand in the outbox.
 *
 * <p>Writes are gathered: what arrives while one is under way goes with the next, in order. Its
 * methods may be called from any thread.
 */
public final class DeadLetters {
  /** The row is copied inside the database: what cannot be published may not be readable either. */
  private static final String BURY =
      """
      insert into %2$s (seq, id, aggregate_type, aggregate_id, event_type, payload, headers, created_at,
                        state, reason)
      select seq, id, aggregate_type, aggregate_id, event_type, payload, headers, created_at, state, reason
      from unnest($1::bigint[], $2::text[], $3::text[]) as dead (dead_seq, state, reason)
      join %1$s on seq = dead_seq
      on conflict (seq) do nothing
      """;

  private static final String PARKED =
      "select distinct aggregate_id from %s where state = 'parked' and aggregate_id is not null";

  private final SqlClient database;
  private final OutboxNames names;
  private List<Entry> gathered = new ArrayList<>();
  private Promise<Void> next = Promise.promise();
  private boolean writing;

  private record Entry(long seq, String state, String reason) {}

  public DeadLetters(SqlClient database, OutboxNames names) {
    this.database = database;
    this.names = names;
  }

  /** The aggregates whose events wait in the dead letters. */
  public static Future<Set<String>> parked(SqlClient database, OutboxNames names) {
    return database
        .query(PARKED.formatted(names.deadLetter()))
        .execute()
        .map(
            rows -> {
              var parked = new HashSet<String>();
              rows.forEach(row -> parked.add(row.getString(0)));
              return parked;
            });
  }

  /** Buries an event that parks its aggregate, or one that waits behind such a one. */
  public Future<Void> park(long seq, String reason) {
    return bury(new Entry(seq, "parked", reason));
  }

  /** Buries an event without effect on those after it. */
  public Future<Void> skip(long seq, String reason) {
    return bury(new Entry(seq, "skipped", reason));
  }

  // The client answers on the event loop of its connection, whoever asked: hence the lock.
  private synchronized Future<Void> bury(Entry entry) {
    gathered.add(entry);
    var written = next.future();
    if (!writing) {
      write();
    }
    return written;
  }

  private synchronized void write() {
    writing = true;
    var entries = gathered;
    var written = next;
    gathered = new ArrayList<>();
    next = Promise.promise();
    database
        .preparedQuery(BURY.formatted(names.outbox(), names.deadLetter()))
        .execute(
            Tuple.of(
                entries.stream().map(Entry::seq).toArray(Long[]::new),
                entries.stream().map(Entry::state).toArray(String[]::new),
                entries.stream().map(Entry::reason).toArray(String[]::new)))
        .<Void>mapEmpty()
        .onComplete(
            result -> {
              writeNext();
              written.handle(result);
            });
  }

  private synchronized void writeNext() {
    writing = false;
    if (!gathered.isEmpty()) {
      write();
    }
  }
}

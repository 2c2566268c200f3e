package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

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
                        state, reason, destination, attempts, tried_at, redelivery)
      select seq, id, aggregate_type, aggregate_id, event_type, payload, headers, created_at,
             state, reason, nullif(destination, ''), attempts, case when attempts > 0 then now() end,
             redelivery
      from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[])
             as dead (dead_seq, state, reason, destination, attempts, redelivery)
      join %1$s on seq = dead_seq
      on conflict (seq) do nothing
      """;

  private final SqlClient database;
  private final OutboxNames names;
  private List<Burial> gathered = new ArrayList<>();
  private Promise<Void> next = Promise.promise();
  private Future<Void> last = Future.succeededFuture();
  private boolean writing;

  public DeadLetters(SqlClient database, OutboxNames names) {
    this.database = database;
    this.names = names;
  }

  /** Completes when the event stands in the dead letters, whatever becomes of this process. */
  // The client answers on the event loop of its connection, whoever asked: hence the lock.
  public synchronized Future<Void> bury(Burial burial) {
    gathered.add(burial);
    var written = next.future();
    last = written;
    if (!writing) {
      write();
    }
    return written;
  }

  /** Completes when everything that was to be buried before this call is. */
  public synchronized Future<Void> written() {
    return last;
  }

  private synchronized void write() {
    writing = true;
    var burials = gathered;
    var written = next;
    gathered = new ArrayList<>();
    next = Promise.promise();
    database
        .preparedQuery(BURY.formatted(names.outbox(), names.deadLetter()))
        .execute(columns(burials))
        .<Void>mapEmpty()
        .onComplete(
            result -> {
              writeNext();
              written.handle(result);
            });
  }

  private static Tuple columns(List<Burial> burials) {
    return Tuple.of(
        burials.stream().map(Burial::seq).toArray(Long[]::new),
        burials.stream().map(Burial::state).toArray(String[]::new),
        burials.stream().map(Burial::reason).toArray(String[]::new),
        burials.stream().map(Burial::destination).toArray(String[]::new),
        burials.stream().map(Burial::attempts).toArray(Integer[]::new),
        burials.stream().map(Burial::redelivery).toArray(String[]::new));
  }

  private synchronized void writeNext() {
    writing = false;
    if (!gathered.isEmpty()) {
      write();
    }
  }
}

package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds out which of the events just read belong to the dead letters. It is used if there are too
 * many parked aggregates or dead letters to read all of them when a term begins.
 *
 * <p>Only one look-up may run at a time; {@link #unpark} may be called on any thread.
 */
public final class DeadLetterLookup {
  private static final String FIND =
      """
      select named.id, null::bigint
      from unnest($1::text[]) named (id)
      where exists (select from %1$s where aggregate_id = named.id and %2$s)
      union all
      select null, seq from %1$s where seq = any($2)
      """;

  private final SqlClient database;
  private final String find;
  private final Set<String> unparked = new HashSet<>();

  DeadLetterLookup(SqlClient database, OutboxNames names, String waits) {
    this.database = database;
    this.find = FIND.formatted(names.deadLetter(), waits);
  }

  /**
   * Looks up events. Adds the aggregates that are parked to {@code parked}, and the sequence
   * numbers of the events that are already in the dead letters to {@code known}.
   */
  Future<Void> find(List<OutboxEvent> events, Set<String> parked, Set<Long> known) {
    var ids = events.stream().map(OutboxEvent::aggregateId).distinct().toArray(String[]::new);
    var seqs = events.stream().map(OutboxEvent::seq).toArray(Long[]::new);
    begin();
    return database
        .preparedQuery(find)
        .execute(Tuple.tuple().addArrayOfString(ids).addArrayOfLong(seqs))
        .map(
            rows -> {
              for (var row : rows) {
                String id = row.getString(0);
                if (id == null) {
                  known.add(row.getLong(1));
                } else {
                  park(id, parked);
                }
              }
              return null;
            });
  }

  /**
   * Adds an aggregate that was found to be parked. If it was unparked during the look-up, does
   * nothing, because the server may have read its rows before that.
   */
  private synchronized void park(String aggregateId, Set<String> parked) {
    if (!unparked.contains(aggregateId)) {
      parked.add(aggregateId);
    }
  }

  /**
   * Removes an aggregate from the parked ones. If a look-up is running, it does not add the
   * aggregate again, because the server may have read the aggregate's rows before this call.
   */
  synchronized void unpark(String aggregateId, Set<String> parked) {
    unparked.add(aggregateId);
    parked.remove(aggregateId);
  }

  private synchronized void begin() {
    unparked.clear();
  }
}

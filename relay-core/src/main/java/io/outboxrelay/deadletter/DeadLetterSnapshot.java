package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a shard when its term began. If there are too many of them for memory, each
 * page that is read is looked up in the database.
 *
 * @param parked the known parked aggregates: further events of these go to the dead letters; a
 *     thread-safe set that changes when aggregates are parked or unparked
 * @param known the sequence numbers of unconfirmed events that are in the dead letters, or have
 *     been published or discarded from there; the relay will read these events again and must not
 *     publish them
 * @param lookup looks up aggregates and events that the two sets lack; null if the sets are
 *     complete
 */
public record DeadLetterSnapshot(
    Set<String> parked, Set<Long> known, @Nullable DeadLetterLookup lookup) {
  /**
   * The maximum number of parked aggregates, and of known events, that are read into memory. There
   * is a limit because a term has to begin within a second.
   */
  static final int MOST = 20_000;

  /**
   * Selects the parked aggregates. Goes through the index from one aggregate to the next, so that
   * the cost does not depend on the number of dead letters of each aggregate.
   */
  private static final String PARKED =
      """
      with recursive parked (aggregate_id) as (
        (select aggregate_id from %1$s
         where aggregate_id is not null and %3$s order by aggregate_id limit 1)
        union all
        select next.aggregate_id from parked cross join lateral (
          select aggregate_id from %1$s
          where aggregate_id > parked.aggregate_id and %3$s order by aggregate_id limit 1) next
      )
      select aggregate_id, %2$s from (select aggregate_id from parked limit %4$d) heads
      """;

  private static final String WAITS = "state = 'parked' and " + DeadLetterState.LIVE;

  /**
   * Selects the dead letters, and if the event of each is still unconfirmed in the outbox. It
   * begins at the dead letters and not at the unconfirmed events, because a backlog may hold many
   * more events than there are dead letters.
   */
  private static final String KNOWN =
      """
      select dead_letter.seq, unsettled.seq is not null
      from %2$s c
      cross join lateral (
        select seq, aggregate_id from %1$s
        where seq >= c.floor and (%5$s) order by seq limit %4$d) dead_letter
      left join lateral (
        select event.seq from %3$s
        where event.seq = dead_letter.seq
          and %6$s
        offset 0) unsettled on true
      where c.shard = $1
      """;

  /** Creates a snapshot that is completely in memory. */
  public DeadLetterSnapshot(Set<String> parked, Set<Long> known) {
    this(parked, known, null);
  }

  /** Returns an empty snapshot. */
  public static DeadLetterSnapshot none() {
    return new DeadLetterSnapshot(ConcurrentHashMap.newKeySet(), Set.of());
  }

  /**
   * Reads the dead letters of {@code share}, for the relay that begins a term there.
   *
   * @param database a connection with settings that make the planner use indexes
   */
  public static Future<DeadLetterSnapshot> read(
      SqlClient database, OutboxNames names, ShardKey share) {
    return read(database, names, share, MOST);
  }

  static Future<DeadLetterSnapshot> read(
      SqlClient database, OutboxNames names, ShardKey share, int most) {
    String deadLetters = names.deadLetter();
    String mine = share.mine();
    return database
        .query(PARKED.formatted(deadLetters, mine, WAITS, most + 1))
        .execute()
        .compose(
            parked ->
                database
                    .preparedQuery(
                        KNOWN.formatted(
                            deadLetters,
                            names.checkpoint(),
                            names.events("event"),
                            most + 1,
                            mine,
                            UnconfirmedEvents.condition("event", "c")))
                    .execute(Tuple.of(share.shard()))
                    .map(
                        known ->
                            parked.size() > most || known.size() > most
                                ? lookedUp(new DeadLetterLookup(database, names, WAITS))
                                : new DeadLetterSnapshot(
                                    chosen(
                                        parked,
                                        ConcurrentHashMap.newKeySet(),
                                        row -> row.getString(0)),
                                    chosen(known, new HashSet<>(), row -> row.getLong(0)))));
  }

  private static DeadLetterSnapshot lookedUp(DeadLetterLookup lookup) {
    return new DeadLetterSnapshot(
        ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet(), lookup);
  }

  private static <T> Set<T> chosen(RowSet<Row> rows, Set<T> into, Function<Row, T> column) {
    rows.forEach(
        row -> {
          if (row.getBoolean(1)) {
            into.add(column.apply(row));
          }
        });
    return into;
  }

  /** Returns true if there may be parked aggregates. */
  public boolean isAny() {
    return lookup != null || !parked.isEmpty();
  }

  /**
   * Looks up events in the database if the sets in memory are not complete. Completes when {@link
   * #knows} and {@link #isParked} are correct for these events; pass the events that are to be
   * published next.
   */
  public Future<Void> lookUp(List<OutboxEvent> events) {
    return lookup == null || events.isEmpty()
        ? Future.succeededFuture()
        : lookup.find(events, parked, known);
  }

  /**
   * Removes an aggregate from the parked ones, so that the aggregate's events are published from
   * now on.
   */
  public void unpark(String aggregateId) {
    if (lookup == null) {
      parked.remove(aggregateId);
    } else {
      lookup.unpark(aggregateId, parked);
    }
  }

  /**
   * Returns true if the event is in the dead letters, or was in the dead letters and has been
   * published or discarded from there.
   */
  public boolean knows(long seq) {
    return !known.isEmpty() && known.contains(seq);
  }

  /** Returns true if the aggregate is parked, so that its events go to the dead letters. */
  public boolean isParked(String aggregateId) {
    return !parked.isEmpty() && parked.contains(aggregateId);
  }
}

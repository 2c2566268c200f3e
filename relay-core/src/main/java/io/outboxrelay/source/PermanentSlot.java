package io.outboxrelay.source;

import io.outboxrelay.wal.LogFailure;
import io.outboxrelay.wal.LogFailure.Reason;
import io.outboxrelay.window.LogMark;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and drops the permanent replication slot of a shard over an ordinary connection. */
final class PermanentSlot {
  private static final Logger LOG = LoggerFactory.getLogger(PermanentSlot.class);

  /**
   * How often to try if the slot is in use, which takes about two seconds in total. The server
   * usually ends the process of a closed connection within that time.
   */
  private static final int TRIES = 10;

  private static final long BETWEEN_TRIES_MILLIS = 200;

  private static final String OURS =
      "slot_type = 'logical' and plugin = 'pgoutput' and database = current_database()"
          + " and not temporary";

  private static final String READ =
      """
      select %s, concat_ws(' ', slot_type, plugin, database), active_pid,
             (confirmed_flush_lsn - '0/0')::bigint, wal_status = 'lost'
      from pg_replication_slots where slot_name = $1
      """
          .formatted(OURS);

  private static final String HELD =
      """
      select coalesce(max((pg_current_wal_lsn() - restart_lsn)::bigint), 0)
      from pg_replication_slots where slot_name = $1 and not active and %s
      """
          .formatted(OURS);

  private static final String DROP =
      """
      select case when active then null else pg_drop_replication_slot(slot_name) is not null end
      from pg_replication_slots where slot_name = $1 and %s
      """
          .formatted(OURS);

  private static final String DROP_OTHERS =
      """
      select pg_drop_replication_slot(slot_name) from pg_replication_slots
      where slot_name ~ $1 and substring(slot_name from '[0-9]+$')::int >= $2 and not active and %s
      """
          .formatted(OURS);

  private final Vertx vertx;
  private final SqlConnection connection;
  private final String name;

  PermanentSlot(Vertx vertx, SqlConnection connection, String name) {
    this.vertx = vertx;
    this.connection = connection;
    this.name = name;
  }

  String name() {
    return name;
  }

  /**
   * The state of the slot.
   *
   * @param exists false if there is no slot of this name
   * @param confirmed the position in the log from which the slot yields every commit; null if the
   *     slot never became usable, or if the server has invalidated it
   */
  record State(boolean exists, @Nullable Long confirmed) {
    /**
     * Returns true if the log can be read from this slot without a loss: every transaction that the
     * slot does not yield was delivered. The slot can begin above the stored mark, because a crash
     * of the server loses the latest checkpoints; then the result is false.
     *
     * @param mark the mark of the stored checkpoint; null if there is none
     * @param slot the name of this slot
     * @param publication the publication's present state; null if it is not known
     */
    boolean continues(@Nullable LogMark mark, String slot, @Nullable String publication) {
      return confirmed != null
          && mark != null
          && mark.slot().equals(slot)
          && mark.publication().equals(publication)
          && confirmed <= mark.position();
    }
  }

  /**
   * Completes with the slot's state once no connection of an earlier owner uses the slot. Fails if
   * the slot stays in use, or if it was made for another purpose.
   */
  Future<State> read() {
    return read(TRIES);
  }

  private Future<State> read(int tries) {
    return connection
        .preparedQuery(READ)
        .execute(Tuple.of(name))
        .compose(
            rows ->
                rows.size() == 0
                    ? Future.succeededFuture(new State(false, null))
                    : state(rows.iterator().next(), tries));
  }

  private Future<State> state(Row row, int tries) {
    if (!row.getBoolean(0)) {
      return Future.failedFuture(
          new LogFailure(
              Reason.SLOT,
              "the slot %s belongs to something else (%s), so it is neither read nor dropped"
                  .formatted(name, row.getString(1)),
              "have its owner rename it, or drop it with select pg_drop_replication_slot('%s')"
                  .formatted(name)));
    }
    Integer user = row.getInteger(2);
    if (user == null) {
      return Future.succeededFuture(
          new State(true, Boolean.TRUE.equals(row.getBoolean(4)) ? null : row.getLong(3)));
    }
    return tries > 1
        ? soon().compose(later -> read(tries - 1))
        : Future.failedFuture(
            new LogFailure(
                Reason.SLOT,
                "the slot %s is in use by the process %d".formatted(name, user),
                "end the session that reads it"));
  }

  private Future<?> soon() {
    return vertx.timer(BETWEEN_TRIES_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Completes with the number of bytes of the log that the server keeps because of the slot, while
   * no connection reads the slot.
   */
  Future<Long> heldUnread() {
    return connection
        .preparedQuery(HELD)
        .execute(Tuple.of(name))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * Drops the slot as soon as no connection uses it. A slot of this name that was made for another
   * purpose is kept. Always succeeds; a failure is only logged.
   */
  Future<Void> drop() {
    return drop(TRIES);
  }

  private Future<Void> drop(int tries) {
    return connection
        .preparedQuery(DROP)
        .execute(Tuple.of(name))
        .compose(
            rows -> {
              boolean isBusy = rows.size() > 0 && rows.iterator().next().getBoolean(0) == null;
              return isBusy && tries > 1
                  ? soon().compose(later -> drop(tries - 1))
                  : Future.<Void>succeededFuture();
            })
        .recover(this::notDropped);
  }

  private Future<Void> notDropped(Throwable failure) {
    LOG.warn(
        "the replication slot {} was not dropped, and the server keeps its log for it; drop it"
            + " with pg_drop_replication_slot: {}",
        name,
        failure.getMessage());
    return Future.succeededFuture();
  }

  /**
   * Drops the slots of this outbox that belong to shards that no longer exist. Always succeeds; a
   * failure is only logged.
   *
   * @param names a regular expression that matches the names of this outbox's slots
   * @param shards the number of shards
   */
  Future<Void> dropOthers(String names, int shards) {
    return connection
        .preparedQuery(DROP_OTHERS)
        .execute(Tuple.of(names, shards))
        .<Void>mapEmpty()
        .recover(PermanentSlot::othersNotDropped);
  }

  private static Future<Void> othersNotDropped(Throwable failure) {
    LOG.warn(
        "the replication slots of shards that no longer exist were not dropped, and the server keeps"
            + " its log for them; drop them with pg_drop_replication_slot: {}",
        failure.getMessage());
    return Future.succeededFuture();
  }
}

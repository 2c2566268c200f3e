package io.outboxrelay.crashloop;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the event that crashes the relay: counts crashes without progress and, after several, notes
 * each event before it is published.
 *
 * <pre>
 *   CALM ── so many deaths, and no progress ──▶ WARY ── past what was read then ──▶ CALM
 * </pre>
 *
 * <p>A calm detector writes only the beginning and the clean end of a term. While it is wary, the
 * relay publishes one event at a time and notes it first, so the event noted at a crash was in
 * flight.
 *
 * <p>Lives on one event loop, for one term, and uses a connection of that term.
 */
public final class CrashLoopDetector {
  private static final Logger LOG = LoggerFactory.getLogger(CrashLoopDetector.class);

  /**
   * Tells this process apart from an earlier one, which may have had the same process id and host.
   */
  private static final String RUN = UUID.randomUUID().toString();

  /** A single crash can have any cause, so publishing slows down only after the second. */
  private static final int DEATHS_BEFORE_WARY = 2;

  /** An event that has not crashed the process within this time after its hand-over is cleared. */
  private static final Duration DEADLY_FOR = Duration.ofSeconds(10);

  private static final Duration ENDS_WITHIN = Duration.ofSeconds(2);

  /**
   * Begins a term. Another term of the same process, for example after a lost connection, is no
   * crash. An event stays the suspect until another one was in flight at a crash.
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

  private static final String NOTE =
      "update %s set in_flight = $2 where shard = $1 and process_id = $3";

  private static final String END =
      "update %s set process_id = null, crashes = 0, in_flight = null"
          + " where shard = $1 and process_id = $2";

  private static final String CALM =
      "update %s set crashes = 0, in_flight = null where shard = $1 and process_id = $2";

  private static final String SURVIVED =
      """
      update %s
      set crashes = greatest(crashes - 1, 0),
          suspect_crashes = greatest(suspect_crashes - counted_suspect::int, 0),
          counted_process = null, counted_suspect = false
      where shard = $1 and counted_process = $2
      """;

  private final Vertx vertx;
  private final SqlClient database;
  private final OutboxNames names;
  private final Limits limits;
  private final String process;
  private final long accused;
  private final int accusations;
  private final long last;
  private boolean wary;
  private long timer = -1;
  private int seen;
  private Runnable onCalm = () -> {};

  /**
   * The bounds of the detector.
   *
   * @param shard the shard of the term
   * @param deaths number of crashes with the same event in flight after which it is rejected
   * @param events most events that can have been read and not confirmed at a crash
   */
  public record Limits(int shard, int deaths, int events) {}

  private CrashLoopDetector(
      Vertx vertx, SqlClient database, OutboxNames names, Limits limits, String process, Row row) {
    this.process = process;
    this.vertx = vertx;
    this.database = database;
    this.names = names;
    this.limits = limits;
    this.wary = row.getInteger(0) >= DEATHS_BEFORE_WARY;
    this.accused = row.getLong(1);
    this.accusations = row.getInteger(2);
    this.last = row.getLong(3);
    if (wary) {
      LOG.warn(
          "the relay has ended {} times in a row without progress, and not by a clean stop;"
              + " it publishes one event at a time now, to find out which one it ends with",
          row.getInteger(0));
    }
  }

  /** Records the beginning of a term that owns its shard, and counts an earlier crash. */
  public static Future<CrashLoopDetector> begin(
      Vertx vertx, SqlClient database, OutboxNames names, Limits limits) {
    return begin(vertx, database, names, limits, RUN);
  }

  static Future<CrashLoopDetector> begin(
      Vertx vertx, SqlClient database, OutboxNames names, Limits limits, String process) {
    return database
        .preparedQuery(BEGIN.formatted(names.crashGuard(), names.checkpoint(), names.sequence()))
        .execute(Tuple.of(limits.shard, process))
        .map(
            rows ->
                new CrashLoopDetector(
                    vertx, database, names, limits, process, rows.iterator().next()));
  }

  /**
   * Takes back a crash that another relay has counted because this process lost its connection.
   *
   * <p>A successor cannot tell a lost connection from a crash. A process that connects again has
   * not crashed, so a standby calls this each time it prepares to take over; it changes nothing if
   * nothing was counted.
   */
  public static Future<Void> survived(SqlClient database, OutboxNames names, int shard) {
    return survived(database, names, shard, RUN);
  }

  static Future<Void> survived(SqlClient database, OutboxNames names, int shard, String process) {
    return database
        .preparedQuery(SURVIVED.formatted(names.crashGuard()))
        .execute(Tuple.of(shard, process))
        .mapEmpty();
  }

  /** Returns true if the relay must publish one event at a time. */
  public boolean isWary() {
    return wary;
  }

  /** Sets the action to call once, if a wary detector becomes calm. */
  public void onCalm(Runnable action) {
    onCalm = action;
  }

  /** Returns why the event must not be published, as a sentence; empty if it may be. */
  String objection(long seq) {
    return seq == accused && accusations >= limits.deaths
        ? "the relay ended while this event was in flight, " + accusations + " times"
        : "";
  }

  /** Returns true if the crashed process cannot have read the event. */
  boolean isBeyond(long seq) {
    return seq > last || seen >= limits.events;
  }

  /** Notes that the event is about to be published. The caller must wait for the result. */
  Future<Void> note(long seq) {
    seen++;
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(DEADLY_FOR.toMillis(), late -> inFlight(null));
    return inFlight(seq);
  }

  private Future<Void> inFlight(@Nullable Long seq) {
    return database
        .preparedQuery(NOTE.formatted(names.crashGuard()))
        .execute(Tuple.of(limits.shard, seq, process))
        .mapEmpty();
  }

  /** Ends the wary phase, because every event that can have caused the crash is behind. */
  Future<Void> calmDown() {
    vertx.cancelTimer(timer);
    if (!wary) {
      return Future.succeededFuture();
    }
    wary = false;
    LOG.info("the relay has made progress and publishes as usual");
    return write(CALM).onSuccess(written -> onCalm.run());
  }

  /** Records a clean end of the term; waits at most two seconds for the database. */
  public Future<Void> end() {
    vertx.cancelTimer(timer);
    return write(END).timeout(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Stops at once and records nothing. */
  public void stop() {
    vertx.cancelTimer(timer);
  }

  private Future<Void> write(String sql) {
    return database
        .preparedQuery(sql.formatted(names.crashGuard()))
        .execute(Tuple.of(limits.shard, process))
        .mapEmpty();
  }
}

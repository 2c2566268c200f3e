package io.outboxrelay.poison;

import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the event that crashes the relay. Counts crashes without progress. After several such
 * crashes, notes each event in the database before it is published.
 *
 * <pre>
 *   PAGES ── crashes without progress ──▶ ONE BY ONE ── all events in question are passed ──▶ PAGES
 * </pre>
 *
 * <p>In the state PAGES the relay publishes as usual, and the detector writes only the beginning
 * and the clean end of a term. In the state ONE BY ONE the relay publishes one event at a time.
 * Before each event, the detector notes its sequence number in the database. The note that is left
 * after a crash therefore names the event that was in flight.
 *
 * <p>Runs on one event loop, for one term, and uses a connection of this term.
 */
public final class PoisonEventDetector extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(PoisonEventDetector.class);

  /**
   * The number of crashes in a row without progress after which events are published one by one. A
   * single crash can have any cause, so it does not slow down publishing.
   */
  private static final int CRASHES_BEFORE_ONE_BY_ONE = 2;

  /**
   * The time after which the note of an event is removed, because the event would have crashed the
   * process sooner.
   */
  private static final Duration CLEARED_AFTER = Duration.ofSeconds(10);

  private static final Duration ENDS_WITHIN = Duration.ofSeconds(2);

  private static final String NOTE =
      "update %s set in_flight = $2 where shard = $1 and process_id = $3";

  private static final String END =
      "update %s set process_id = null, crashes = 0, in_flight = null"
          + " where shard = $1 and process_id = $2";

  private static final String RESET =
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
  private final CrashHistory history;
  private final Runnable onEnd;
  private boolean oneByOne;
  private long timer = -1;
  private int seen;

  /**
   * The bounds of the detector.
   *
   * @param shard the shard of the term
   * @param crashes the number of crashes with the same event in flight after which the event is
   *     rejected
   * @param events the highest number of events that can have been read and not confirmed at a crash
   */
  public record Limits(int shard, int crashes, int events) {}

  /**
   * @param history the crashes that were recorded at the beginning of the term
   * @param onEnd called once, when publishing one by one ends
   */
  public PoisonEventDetector(
      Vertx vertx,
      SqlClient database,
      OutboxNames names,
      Limits limits,
      CrashHistory history,
      Runnable onEnd) {
    this.vertx = vertx;
    this.database = database;
    this.names = names;
    this.limits = limits;
    this.history = history;
    this.onEnd = onEnd;
    this.oneByOne = history.crashes() >= CRASHES_BEFORE_ONE_BY_ONE;
    if (oneByOne) {
      LOG.warn(
          "the relay has ended {} times in a row without progress and without a clean stop; it"
              + " publishes one event at a time now, to find the event that ends it",
          history.crashes());
    }
  }

  /** Does nothing, because {@link CrashHistory#begin} has recorded the beginning of the term. */
  @Override
  protected Future<Void> startNow() {
    return Future.succeededFuture();
  }

  /**
   * Takes back a crash that another relay has counted because this process lost its connection.
   *
   * <p>The next owner of a shard cannot distinguish a lost connection from a crash. A process that
   * connects again has not crashed, so a standby calls this method each time it prepares to take
   * over. If no crash of this process was counted, the method changes nothing.
   */
  public static Future<Void> survived(SqlClient database, OutboxNames names, int shard) {
    return survived(database, names, shard, CrashHistory.THIS_PROCESS);
  }

  static Future<Void> survived(SqlClient database, OutboxNames names, int shard, String process) {
    return database
        .preparedQuery(SURVIVED.formatted(names.crashGuard()))
        .execute(Tuple.of(shard, process))
        .mapEmpty();
  }

  /** Returns true if the relay must publish one event at a time. */
  public boolean isOneByOne() {
    return oneByOne;
  }

  /**
   * Returns the reason why the event must not be published, as a sentence; empty if the event may
   * be published.
   */
  String objection(long seq) {
    return seq == history.suspect() && history.suspectCrashes() >= limits.crashes
        ? "the relay ended while this event was in flight, " + history.suspectCrashes() + " times"
        : "";
  }

  /** Returns true if the crashed process cannot have read the event. */
  boolean isBeyond(long seq) {
    return seq > history.last() || seen >= limits.events;
  }

  /** Notes that the event is about to be published. The caller must wait for the result. */
  Future<Void> note(long seq) {
    seen++;
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(CLEARED_AFTER.toMillis(), late -> inFlight(null));
    return inFlight(seq);
  }

  private Future<Void> inFlight(@Nullable Long seq) {
    return database
        .preparedQuery(NOTE.formatted(names.crashGuard()))
        .execute(Tuple.of(limits.shard, seq, history.process()))
        .mapEmpty();
  }

  /** Ends publishing one by one, because every event that can have caused the crashes is passed. */
  Future<Void> endOneByOne() {
    vertx.cancelTimer(timer);
    if (!oneByOne) {
      return Future.succeededFuture();
    }
    oneByOne = false;
    LOG.info("the relay has made progress and publishes as usual");
    return write(RESET).onSuccess(written -> onEnd.run());
  }

  /** Records a clean end of the term; waits at most two seconds for the database. */
  public Future<Void> end() {
    vertx.cancelTimer(timer);
    return write(END).timeout(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Stops at once and records nothing. */
  @Override
  protected Future<Void> stopNow() {
    vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }

  private Future<Void> write(String sql) {
    return database
        .preparedQuery(sql.formatted(names.crashGuard()))
        .execute(Tuple.of(limits.shard, history.process()))
        .mapEmpty();
  }
}

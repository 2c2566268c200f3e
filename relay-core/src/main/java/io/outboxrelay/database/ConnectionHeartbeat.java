package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Detects that the server no longer answers on a connection that still looks open, for example
 * because the network drops the packets.
 *
 * <p>All data from the server count as a sign of life. If none have arrived for a while, the
 * heartbeat sends a query of its own. A relay that polls regularly needs no such query.
 */
public final class ConnectionHeartbeat {
  private final Vertx vertx;
  private final Supplier<Future<?>> query;
  private final long quietNanos;
  private final long patienceNanos;
  private final Consumer<Throwable> onSilence;
  private final LongSupplier nanoTime;
  private volatile long lastHeard;
  private long timer;

  /**
   * @param query sends a query, so that the server answers
   * @param nanoTime a clock like {@link System#nanoTime()}
   */
  ConnectionHeartbeat(
      Vertx vertx,
      Supplier<Future<?>> query,
      Duration quiet,
      Duration patience,
      Consumer<Throwable> onSilence,
      LongSupplier nanoTime) {
    this.vertx = vertx;
    this.query = query;
    this.quietNanos = quiet.toNanos();
    this.patienceNanos = patience.toNanos();
    this.onSilence = onSilence;
    this.nanoTime = nanoTime;
    this.lastHeard = nanoTime.getAsLong();
  }

  /**
   * Starts watching {@code connection}, on its event loop.
   *
   * @param quiet the silence after which the heartbeat sends a query
   * @param patience the silence after which the connection counts as lost; longer than {@code
   *     quiet}
   * @param onSilence called once if the connection counts as lost
   */
  public static ConnectionHeartbeat of(
      Vertx vertx,
      PgConnection connection,
      Duration quiet,
      Duration patience,
      Consumer<Throwable> onSilence) {
    var heartbeat =
        new ConnectionHeartbeat(
            vertx,
            () -> connection.query("select 1").execute(),
            quiet,
            patience,
            onSilence,
            System::nanoTime);
    Database.onSignOfLife(connection, heartbeat::heard);
    heartbeat.start();
    return heartbeat;
  }

  /**
   * Returns true if the server has never been silent for as long as the patience, up to now. May be
   * called on any thread.
   */
  public boolean isFelt() {
    return silence() < patienceNanos;
  }

  public void stop() {
    vertx.cancelTimer(timer);
  }

  void start() {
    checkAfter(quietNanos);
  }

  /**
   * Records that data from the server have arrived. Data that arrive after the patience are
   * ignored, because they may have waited in a buffer while this process was suspended, and another
   * relay may own the shard by now.
   */
  void heard() {
    long now = nanoTime.getAsLong();
    if (now - lastHeard < patienceNanos) {
      lastHeard = now;
    }
  }

  private long silence() {
    return nanoTime.getAsLong() - lastHeard;
  }

  private void checkAfter(long nanos) {
    timer = vertx.setTimer(nanos / 1_000_000 + 1, fired -> check());
  }

  private void check() {
    long silence = silence();
    if (silence >= patienceNanos) {
      onSilence.accept(
          VertxException.noStackTrace(
              "nothing was heard from it for " + patienceNanos / 1_000_000 + " ms"));
    } else if (silence >= quietNanos) {
      // A failed query is reported by the close handler; this class detects silence only.
      query.get().onSuccess(answered -> heard());
      checkAfter(patienceNanos - silence);
    } else {
      checkAfter(quietNanos - silence);
    }
  }
}

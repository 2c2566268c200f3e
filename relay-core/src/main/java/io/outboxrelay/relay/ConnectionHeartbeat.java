package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Notices a database that says nothing any more on a connection that looks alive, as when the
 * network has swallowed it.
 *
 * <p>Whatever the server sends is a sign of life. Where nobody has asked it anything for a while,
 * the pulse does; a relay that polls now and then gives it no reason to.
 */
final class ConnectionHeartbeat {
  private final Vertx vertx;
  private final PgConnection connection;
  private final long quietNanos;
  private final long patienceNanos;
  private final Consumer<Throwable> onSilence;
  private volatile long lastHeard = System.nanoTime();
  private long timer;

  private ConnectionHeartbeat(
      Vertx vertx,
      PgConnection connection,
      Duration quiet,
      Duration patience,
      Consumer<Throwable> onSilence) {
    this.vertx = vertx;
    this.connection = connection;
    this.quietNanos = quiet.toNanos();
    this.patienceNanos = patience.toNanos();
    this.onSilence = onSilence;
  }

  /**
   * Begins to feel the pulse of {@code connection}, on its event loop.
   *
   * @param quiet the silence after which it asks
   * @param patience the silence, longer than that, after which the connection is given up
   * @param onSilence told once that it is
   */
  static ConnectionHeartbeat of(
      Vertx vertx,
      PgConnection connection,
      Duration quiet,
      Duration patience,
      Consumer<Throwable> onSilence) {
    var heartbeat = new ConnectionHeartbeat(vertx, connection, quiet, patience, onSilence);
    Database.onSignOfLife(connection, heartbeat::heard);
    heartbeat.checkAfter(heartbeat.quietNanos);
    return heartbeat;
  }

  /** Whether the silence is shorter than the patience; to be asked on any thread. */
  boolean isFelt() {
    return silence() < patienceNanos;
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  private void heard() {
    lastHeard = System.nanoTime();
  }

  private long silence() {
    return System.nanoTime() - lastHeard;
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
      // A failure has its own heralds, and silence is what this is about.
      connection.query("select 1").execute().onSuccess(answered -> heard());
      checkAfter(patienceNanos - silence);
    } else {
      checkAfter(quietNanos - silence);
    }
  }
}

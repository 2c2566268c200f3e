package io.outboxrelay.relay;

import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Notices a database that has stopped answering on a connection that looks alive, as when the
 * network has swallowed it.
 *
 * <p>Asks a question every now and then; one that is not answered by the time of the next is taken
 * for silence.
 */
final class Pulse {
  private final Vertx vertx;
  private final PgConnection connection;
  private final Duration patience;
  private final Consumer<Throwable> onSilence;
  private final long timer;
  private boolean asked;

  private Pulse(
      Vertx vertx, PgConnection connection, Duration patience, Consumer<Throwable> onSilence) {
    this.vertx = vertx;
    this.connection = connection;
    this.patience = patience;
    this.onSilence = onSilence;
    this.timer = vertx.setPeriodic(patience.toMillis(), fired -> beat());
  }

  /** Begins to watch {@code connection}, on its event loop; tells of its silence once. */
  static Pulse of(
      PgConnection connection, Vertx vertx, Duration patience, Consumer<Throwable> onSilence) {
    return new Pulse(vertx, connection, patience, onSilence);
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  private void beat() {
    if (asked) {
      stop();
      onSilence.accept(
          VertxException.noStackTrace(
              "no answer for " + patience.toMillis() + " ms (relay.answer-timeout)"));
    } else {
      asked = true;
      connection.query("select 1").execute().onSuccess(answered -> asked = false);
    }
  }
}

package io.outboxrelay.relay;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices a database that has stopped answering on a connection that looks alive, as when the
 * network has swallowed it, and closes that connection.
 *
 * <p>Asks a question every now and then; one that is not answered by the time of the next is taken
 * for silence.
 */
final class Pulse {
  private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);

  private final Vertx vertx;
  private final PgConnection connection;
  private final Duration patience;
  private final long timer;
  private boolean asked;

  private Pulse(Vertx vertx, PgConnection connection, Duration patience) {
    this.vertx = vertx;
    this.connection = connection;
    this.patience = patience;
    this.timer = vertx.setPeriodic(patience.toMillis(), fired -> beat());
  }

  /** Begins to watch {@code connection}, on its event loop. */
  static Pulse of(PgConnection connection, Vertx vertx, Duration patience) {
    return new Pulse(vertx, connection, patience);
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  private void beat() {
    if (asked) {
      stop();
      LOG.warn(
          "the database has not answered for {} ms (relay.answer-timeout); closing the connection",
          patience.toMillis());
      connection.close();
    } else {
      asked = true;
      connection.query("select 1").execute().onSuccess(answered -> asked = false);
    }
  }
}

package io.outboxrelay.doorbell;

import io.outboxrelay.database.Database;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgNotification;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the doorbell on a connection of its own, and makes sure that it does.
 *
 * <p>A connection that says LISTEN and hears nothing looks like one where nothing happens: behind a
 * pooler, or when the network has swallowed it. So after connecting, and after every quiet time,
 * the relay rings its own bell from another connection; a listener that does not hear it is
 * replaced, and counts as deaf meanwhile.
 */
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final String PROOF = "proof";
  private static final Duration HEARS_WITHIN = Duration.ofSeconds(2);
  private static final Duration REPLACED_AFTER = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Database database;
  private final SqlClient ringer;
  private final OutboxNames names;
  private final Duration proofInterval;
  private final Runnable onBell;
  private @Nullable PgConnection connection;
  private boolean hearing;
  private boolean heardSomething;
  private boolean saidDeaf;
  private boolean closed;
  private long timer = -1;

  /**
   * Is deaf until {@link #start}.
   *
   * @param ringer another connection, to ring for a proof
   * @param onBell called on the event loop for every ring, and whenever hearing begins, as a ring
   *     may have been missed before
   */
  public Listener(
      Vertx vertx,
      Database database,
      SqlClient ringer,
      OutboxNames names,
      Duration proofInterval,
      Runnable onBell) {
    this.vertx = vertx;
    this.database = database;
    this.ringer = ringer;
    this.names = names;
    this.proofInterval = proofInterval;
    this.onBell = onBell;
  }

  /** Whether the bell was proven to be heard, and nothing has spoken against it since. */
  boolean hears() {
    return hearing;
  }

  /** Begins to listen; completes with the first proof, or the first failure to get one. */
  public Future<Void> start() {
    return connect().recover(failure -> Future.succeededFuture());
  }

  /** Stops listening; a second call changes nothing. */
  public Future<Void> close() {
    closed = true;
    hearing = false;
    vertx.cancelTimer(timer);
    var open = connection;
    connection = null;
    return open == null ? Future.succeededFuture() : open.close();
  }

  private Future<Void> connect() {
    return database
        .connect()
        .compose(this::listen)
        .compose(listening -> prove())
        .onFailure(this::deaf);
  }

  private Future<Void> listen(PgConnection connected) {
    if (closed) {
      return connected.close().compose(gone -> Future.failedFuture("closed"));
    }
    connection = connected;
    connected.notificationHandler(this::heard);
    connected.closeHandler(gone -> lost(connected));
    return connected.query("LISTEN " + names.channel()).execute().mapEmpty();
  }

  /** Rings, and completes when that was heard. */
  private Future<Void> prove() {
    heardSomething = false;
    return ringer
        .preparedQuery("select pg_notify($1, $2)")
        .execute(Tuple.of(names.channel(), PROOF))
        .compose(rung -> heardOrTimeout());
  }

  private Future<Void> heardOrTimeout() {
    // The ring came back before the answer to it, or is on its way.
    return heardSomething
        ? Future.succeededFuture()
        : vertx
            .timer(HEARS_WITHIN.toMillis())
            .compose(
                late ->
                    heardSomething
                        ? Future.succeededFuture()
                        : Future.failedFuture("LISTEN hears nothing on this connection"));
  }

  private void heard(PgNotification notification) {
    heardSomething = true;
    if (!hearing) {
      beginHearing();
    }
    if (!notification.getPayload().equals(PROOF)) {
      onBell.run();
    }
  }

  private void beginHearing() {
    hearing = true;
    if (saidDeaf) {
      saidDeaf = false;
      LOG.info("the doorbell is heard again");
    }
    onBell.run();
    proveLater();
  }

  private void proveLater() {
    heardSomething = false;
    timer =
        vertx.setTimer(
            proofInterval.toMillis(),
            fired -> {
              if (heardSomething) {
                proveLater();
              } else {
                prove().onComplete(proven -> proveLater(), this::deaf);
              }
            });
  }

  private void lost(PgConnection gone) {
    if (connection == gone) {
      deaf(new IllegalStateException("the connection was closed"));
    }
  }

  private void deaf(Throwable reason) {
    var silent = connection;
    connection = null;
    hearing = false;
    if (silent != null) {
      silent.close();
    }
    if (closed) {
      return;
    }
    if (!saidDeaf) {
      saidDeaf = true;
      LOG.warn(
          "the doorbell cannot be heard ({}); polling instead, and trying again."
              + " If a connection pooler stands in between, connect to the server itself or set"
              + " relay.wakeup: poll",
          reason.getMessage());
    }
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(REPLACED_AFTER.toMillis(), fired -> connect());
    onBell.run();
  }
}

package io.outboxrelay.doorbell;

import io.outboxrelay.database.Database;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgNotification;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the doorbell on a connection of its own, and proves that it does.
 *
 * <p>A connection on which LISTEN does not work, for example behind a pooler or after a network
 * failure, looks like one on which nothing happens. After connecting, and after every quiet period,
 * the relay therefore rings its own doorbell from another connection. A connection that does not
 * hear it is replaced, and until then the relay polls.
 */
public final class NotificationListener {
  private static final Logger LOG = LoggerFactory.getLogger(NotificationListener.class);

  /** The payload of a notification about dead letters; see {@link #onDeadLetters}. */
  public static final String DEAD_LETTERS = "dead-letters";

  /** The payload of a notification about replays; see {@link #onReplays}. */
  public static final String REPLAYS = "replays";

  /** The payload of a notification about pauses; see {@link #onPauses}. */
  public static final String PAUSES = "pauses";

  /** While the number of shards is changed, the trigger may still have the previous number. */
  private static final String FOR_OTHERS =
      """
      select from pg_trigger
      where tgrelid = to_regclass($1) and tgname = $2 and encode(tgargs, 'escape') <> $3
      """;

  private static final String RINGS_FOR_OTHERS =
      "the trigger rings for another number of shards, as it may for a moment while the command"
          + " shards is at work; where it stays so, run init";

  private static final String HEARS_NOTHING =
      "LISTEN hears nothing on this connection. If a connection pooler stands in between, connect"
          + " to the server itself or set relay.wakeup: poll; the command check tells more";

  private static final String PROOF = "proof";
  private static final Duration HEARS_WITHIN = Duration.ofSeconds(2);
  private static final Duration REPLACED_AFTER = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Database database;
  private final SqlClient ringer;
  private final OutboxNames names;
  private final ShardKey share;
  private final Duration proofInterval;
  private final ShardMetrics metrics;
  private final Runnable onBell;
  private Runnable onDeadLetters = () -> {};
  private Runnable onReplays = () -> {};
  private Runnable onPauses = () -> {};
  private @Nullable Ear ear;
  private boolean saidDeaf;
  private boolean closed;
  private long timer = -1;

  /** One connection, and its state. */
  private static final class Ear {
    final PgConnection connection;

    /** True if the doorbell was heard on it. */
    boolean hears;

    /** True if it was heard since the current proof or quiet period began. */
    boolean heard;

    Ear(PgConnection connection) {
      this.connection = connection;
    }
  }

  /**
   * Creates a listener; it hears nothing until {@link #start}.
   *
   * @param share the shard of the doorbell; rings for other shards are ignored
   * @param ringer another connection, which rings for a proof
   * @param metrics counts the rings
   * @param onBell called on the event loop for every ring; also when the connection begins or stops
   *     to hear, because a ring may have been missed
   */
  public NotificationListener(
      Vertx vertx,
      Database database,
      SqlClient ringer,
      OutboxNames names,
      ShardKey share,
      Duration proofInterval,
      ShardMetrics metrics,
      Runnable onBell) {
    this.vertx = vertx;
    this.database = database;
    this.ringer = ringer;
    this.names = names;
    this.share = share;
    this.proofInterval = proofInterval;
    this.metrics = metrics;
    this.onBell = onBell;
  }

  /** Sets the action, run on the event loop, for a possible request about dead letters. */
  public void onDeadLetters(Runnable asked) {
    onDeadLetters = asked;
  }

  /** Sets the action, run on the event loop, for a possible request about replays. */
  public void onReplays(Runnable asked) {
    onReplays = asked;
  }

  /** Sets the action, run on the event loop, for a possible change of the pauses. */
  public void onPauses(Runnable changed) {
    onPauses = changed;
  }

  /** Returns true if the doorbell was proven to be heard and no failure was seen since. */
  boolean hears() {
    var current = ear;
    return current != null && current.hears;
  }

  /** Begins to listen. */
  public void start() {
    ringer
        .preparedQuery(FOR_OTHERS)
        .execute(Tuple.of(names.outbox(), names.ringTriggerName(), bells()))
        .compose(
            rows -> rows.size() == 0 ? database.connect() : Future.failedFuture(RINGS_FOR_OTHERS))
        .onComplete(this::listen, failure -> deaf(null, failure));
  }

  /** Returns the trigger's argument as the server stores it. */
  private String bells() {
    return share.of() == 1 ? "" : share.of() + "\\000";
  }

  /** Stops listening; a second call has no effect. */
  public Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    var open = ear;
    ear = null;
    return open == null ? Future.succeededFuture() : database.close(open.connection);
  }

  private void listen(PgConnection connection) {
    if (closed) {
      database.close(connection);
      return;
    }
    var opened = new Ear(connection);
    ear = opened;
    connection.notificationHandler(notification -> heard(opened, notification));
    connection.closeHandler(
        gone -> deaf(opened, VertxException.noStackTrace("the connection was closed")));
    connection
        .query("LISTEN " + names.channel())
        .execute()
        .onComplete(listening -> prove(opened), failure -> deaf(opened, failure));
  }

  private void prove(Ear listening) {
    if (listening != ear) {
      return;
    }
    listening.heard = false;
    metrics.bellProven();
    timer = vertx.setTimer(HEARS_WITHIN.toMillis(), late -> proven(listening));
    NotificationSender.send(ringer, names, PROOF).onFailure(failure -> deaf(listening, failure));
  }

  private void proven(Ear listening) {
    if (listening.heard) {
      proveLater(listening);
    } else {
      deaf(listening, VertxException.noStackTrace(HEARS_NOTHING));
    }
  }

  private void proveLater(Ear listening) {
    listening.heard = false;
    timer =
        vertx.setTimer(
            proofInterval.toMillis(),
            quiet -> {
              if (listening.heard) {
                proveLater(listening);
              } else {
                prove(listening);
              }
            });
  }

  private void heard(Ear listening, PgNotification notification) {
    if (listening != ear) {
      return;
    }
    listening.heard = true;
    metrics.bellHeard();
    if (!listening.hears) {
      beginHearing(listening);
    } else {
      rung(notification.getPayload());
    }
  }

  private void rung(String payload) {
    switch (payload) {
      case PROOF -> {}
      case DEAD_LETTERS -> onDeadLetters.run();
      case REPLAYS -> onReplays.run();
      case PAUSES -> onPauses.run();
      default -> {
        if (isMine(payload)) {
          onBell.run();
        }
      }
    }
  }

  /** A ring without the number of a shard is for all shards. */
  private boolean isMine(String bell) {
    return share.of() == 1 || bell.isEmpty() || bell.equals(Integer.toString(share.shard()));
  }

  private void beginHearing(Ear listening) {
    listening.hears = true;
    metrics.deaf(false);
    onPauses.run();
    onDeadLetters.run();
    onReplays.run();
    if (saidDeaf) {
      saidDeaf = false;
      LOG.info("the doorbell is heard again");
    }
    onBell.run();
  }

  /** Only the first failure of a connection is handled. */
  private void deaf(@Nullable Ear listening, Throwable reason) {
    if (closed || listening != ear) {
      return;
    }
    ear = null;
    metrics.deaf(true);
    if (listening != null) {
      database.close(listening.connection);
    }
    if (!saidDeaf) {
      saidDeaf = true;
      LOG.warn(
          "the doorbell cannot be heard ({}); polling instead, and trying again",
          reason.getMessage());
    }
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(REPLACED_AFTER.toMillis(), fired -> start());
    onBell.run();
  }
}

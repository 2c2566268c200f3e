package io.outboxrelay.doorbell;

import io.outboxrelay.database.Database;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.lifecycle.Service;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the rings of the doorbell on a separate connection, and tests that rings arrive.
 *
 * <p>A connection on which LISTEN does not work, for example behind a pooler or after a network
 * failure, looks like a connection without notifications. After connecting, and after every quiet
 * period, the relay therefore rings its own doorbell from another connection. If the ring does not
 * arrive, the listener replaces its connection, and the relay polls until a ring has arrived.
 */
public final class NotificationListener extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(NotificationListener.class);

  /** The payload of a notification about dead letters; see {@link Notice#DEAD_LETTERS}. */
  public static final String DEAD_LETTERS = "dead-letters";

  /** The payload of a notification about replays; see {@link Notice#REPLAYS}. */
  public static final String REPLAYS = "replays";

  /** The payload of a notification about pauses; see {@link Notice#PAUSES}. */
  public static final String PAUSES = "pauses";

  /** Selects a row if the trigger of the outbox rings for another number of shards. */
  private static final String FOR_OTHERS =
      """
      select from pg_trigger
      where tgrelid = to_regclass($1) and tgname = $2 and encode(tgargs, 'escape') <> $3
      """;

  private static final String RINGS_FOR_OTHERS =
      "the trigger of the outbox rings for another number of shards, which is normal for a moment"
          + " while the command shards runs; if it persists, run init";

  private static final String HEARS_NOTHING =
      "no notification arrives on this connection, although LISTEN has succeeded. If a connection"
          + " pooler stands in between, connect to the server itself or set relay.wakeup: poll;"
          + " the command check tells more";

  private static final String PROOF = "proof";
  private static final Duration HEARS_WITHIN = Duration.ofSeconds(2);
  private static final Duration REPLACED_AFTER = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Database database;
  private final SqlClient ringer;
  private final Channel channel;
  private final OutboxNames names;
  private final ShardHealth health;
  private final ShardMetrics metrics;
  private final Consumer<Notice> onNotice;
  private @Nullable Subscription subscription;
  private boolean hasWarned;
  private long timer = -1;

  /** One connection that listens, and its state. */
  private static final class Subscription {
    final PgConnection connection;

    private HearingState state = HearingState.UNPROVEN;

    Subscription(PgConnection connection) {
      this.connection = connection;
    }

    /** Begins a self-test or a quiet period, which counts only notifications from now on. */
    void listenAnew() {
      if (state == HearingState.HEARD) {
        state = state.to(HearingState.QUIET);
      }
    }

    /** Records a notification; returns true if it is the first one. */
    boolean hear() {
      var before = state;
      if (before != HearingState.HEARD) {
        state = state.to(HearingState.HEARD);
      }
      return before == HearingState.UNPROVEN;
    }

    /**
     * Returns true if a notification has arrived since the current self-test or quiet period began.
     */
    boolean hasHeard() {
      return state == HearingState.HEARD;
    }

    /** Returns true if a notification has ever arrived. */
    boolean isProven() {
      return state != HearingState.UNPROVEN;
    }
  }

  /**
   * The channel to listen on.
   *
   * @param share the shard of the doorbell; rings for other shards are ignored
   * @param selfTestInterval the quiet time after which the relay rings its own doorbell
   */
  public record Channel(OutboxNames names, ShardKey share, Duration selfTestInterval) {}

  /**
   * Creates a listener, which does not listen until it is started.
   *
   * @param ringer another connection, which sends the notification of a self-test
   * @param health records if rings arrive
   * @param metrics counts the rings
   * @param onNotice called on the event loop for every notification. Called for every subject when
   *     notifications begin to arrive, and for {@link Notice#EVENTS} when they cease, because a
   *     notification may have been missed
   */
  public NotificationListener(
      Database database,
      SqlClient ringer,
      Channel channel,
      ShardHealth health,
      ShardMetrics metrics,
      Consumer<Notice> onNotice) {
    this.vertx = database.vertx();
    this.database = database;
    this.ringer = ringer;
    this.channel = channel;
    this.names = channel.names();
    this.health = health;
    this.metrics = metrics;
    this.onNotice = onNotice;
  }

  /**
   * Returns true if a notification has arrived on the present connection, and no self-test has
   * failed since.
   */
  boolean hears() {
    var current = subscription;
    return current != null && current.isProven();
  }

  /** Begins to listen; does not wait for the first notification. */
  @Override
  protected Future<Void> startNow() {
    connect();
    return Future.succeededFuture();
  }

  private void connect() {
    ringer
        .preparedQuery(FOR_OTHERS)
        .execute(Tuple.of(names.outbox(), names.ringTriggerName(), bells()))
        .compose(
            rows -> rows.size() == 0 ? database.connect() : Future.failedFuture(RINGS_FOR_OTHERS))
        .onComplete(this::listen, failure -> failed(null, failure));
  }

  /**
   * Returns the argument of a trigger that rings for this number of shards, as the server stores
   * it.
   */
  private String bells() {
    return channel.share().of() == 1 ? "" : channel.share().of() + "\\000";
  }

  /**
   * Ends listening. A drain does not end listening, because the pauses may change during a drain.
   */
  @Override
  protected Future<Void> stopNow() {
    vertx.cancelTimer(timer);
    var open = subscription;
    subscription = null;
    return open == null ? Future.succeededFuture() : database.close(open.connection);
  }

  private void listen(PgConnection connection) {
    if (isStopped()) {
      database.close(connection);
      return;
    }
    var opened = new Subscription(connection);
    subscription = opened;
    connection.notificationHandler(notification -> heard(opened, notification));
    connection.closeHandler(
        gone -> failed(opened, VertxException.noStackTrace("the connection was closed")));
    connection
        .query("LISTEN " + names.channel())
        .execute()
        .onComplete(listening -> prove(opened), failure -> failed(opened, failure));
  }

  private void prove(Subscription listening) {
    if (listening != subscription) {
      return;
    }
    listening.listenAnew();
    metrics.bellProven();
    timer = vertx.setTimer(HEARS_WITHIN.toMillis(), late -> proven(listening));
    NotificationSender.send(ringer, names, PROOF).onFailure(failure -> failed(listening, failure));
  }

  private void proven(Subscription listening) {
    if (listening.hasHeard()) {
      proveLater(listening);
    } else {
      failed(listening, VertxException.noStackTrace(HEARS_NOTHING));
    }
  }

  private void proveLater(Subscription listening) {
    listening.listenAnew();
    timer =
        vertx.setTimer(
            channel.selfTestInterval().toMillis(),
            quiet -> {
              if (listening.hasHeard()) {
                proveLater(listening);
              } else {
                prove(listening);
              }
            });
  }

  private void heard(Subscription listening, PgNotification notification) {
    if (listening != subscription) {
      return;
    }
    metrics.bellHeard();
    if (listening.hear()) {
      beginHearing();
    } else {
      rung(notification.getPayload());
    }
  }

  private void rung(String payload) {
    switch (payload) {
      case PROOF -> {}
      case DEAD_LETTERS -> onNotice.accept(Notice.DEAD_LETTERS);
      case REPLAYS -> onNotice.accept(Notice.REPLAYS);
      case PAUSES -> onNotice.accept(Notice.PAUSES);
      default -> {
        if (isMine(payload)) {
          onNotice.accept(Notice.EVENTS);
        }
      }
    }
  }

  /**
   * Returns true if a ring is for this shard. A ring without the number of a shard is for all
   * shards.
   */
  private boolean isMine(String bell) {
    return channel.share().of() == 1
        || bell.isEmpty()
        || bell.equals(Integer.toString(channel.share().shard()));
  }

  private void beginHearing() {
    health.deaf(false);
    onNotice.accept(Notice.PAUSES);
    onNotice.accept(Notice.DEAD_LETTERS);
    onNotice.accept(Notice.REPLAYS);
    if (hasWarned) {
      hasWarned = false;
      LOG.info("the rings of the doorbell arrive again");
    }
    onNotice.accept(Notice.EVENTS);
  }

  /**
   * Closes a connection at its first failure and connects again after a pause. Further failures of
   * the same connection are ignored.
   */
  private void failed(@Nullable Subscription listening, Throwable reason) {
    if (isStopped() || listening != subscription) {
      return;
    }
    subscription = null;
    health.deaf(true);
    if (listening != null) {
      database.close(listening.connection);
    }
    if (!hasWarned) {
      hasWarned = true;
      LOG.warn(
          "the rings of the doorbell cannot be received ({}); polling instead, and trying again",
          reason.getMessage());
    }
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(REPLACED_AFTER.toMillis(), fired -> connect());
    onNotice.accept(Notice.EVENTS);
  }
}

package io.outboxrelay.doorbell;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/**
 * Sends NOTIFY on the channel of an outbox. Commands and API use it to tell the relays that their
 * table of requests has changed. The trigger of the outbox sends its own notifications for new
 * events: see {@link io.outboxrelay.outbox.OutboxSchema}.
 */
public final class NotificationSender {
  /**
   * If the server's queue of notifications is nearly full, nothing is sent, because a full queue
   * fails the transaction that notifies. Relays look at their tables at intervals anyway.
   */
  private static final String NOTIFY =
      "select pg_notify($1, $2) where pg_notification_queue_usage() < 0.9";

  private NotificationSender() {}

  /**
   * Notifies all relays that listen. PostgreSQL delivers the notification when the transaction of
   * the connection commits, or at once if there is none.
   *
   * @param payload one of the constants of {@link NotificationListener}, or an empty text, which
   *     wakes the reader of each shard
   */
  public static Future<Void> send(SqlClient connection, OutboxNames names, String payload) {
    return connection.preparedQuery(NOTIFY).execute(Tuple.of(names.channel(), payload)).mapEmpty();
  }
}

package io.outboxrelay.doorbell;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/**
 * Sends NOTIFY on the channel of an outbox. Commands and API use it to tell the relays that a
 * request was stored in a table. The trigger of the outbox sends its own notifications for new
 * events: see {@link io.outboxrelay.outbox.OutboxSchema}.
 */
public final class NotificationSender {
  /**
   * Sends a notification. If the server's queue of notifications is nearly full, sends none,
   * because the transaction that sends it would fail if the queue became full. The relays look for
   * requests at intervals in any case.
   */
  private static final String NOTIFY =
      "select pg_notify($1, $2) where pg_notification_queue_usage() < 0.9";

  private NotificationSender() {}

  /**
   * Notifies all relays that listen. PostgreSQL delivers the notification when the transaction of
   * the connection commits, or at once if no transaction is open.
   *
   * @param payload one of the constants of {@link NotificationListener}, or an empty text, which
   *     wakes the reader of each shard
   */
  public static Future<Void> send(SqlClient connection, OutboxNames names, String payload) {
    return connection.preparedQuery(NOTIFY).execute(Tuple.of(names.channel(), payload)).mapEmpty();
  }
}

package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;

/**
 * Limits how long a client may be silent before the server closes its connection and frees its
 * locks.
 */
public final class ServerKeepalive {
  private ServerKeepalive() {}

  /**
   * Limits how long the server keeps the locks of {@code connection} while it receives nothing from
   * the client.
   *
   * <p>In the second half of {@code timeout}, the server's kernel probes the silent client's host
   * three times; when the timeout is over, it closes the connection. It never does so earlier,
   * because the time counts from the last packet. Without this limit, a host that vanished would
   * own its shards for two hours.
   */
  public static Future<Void> bound(PgConnection connection, Duration timeout) {
    long seconds = (timeout.toMillis() + 999) / 1000;
    long interval = Math.max(1, seconds / 6);
    String settings =
        """
        set tcp_keepalives_idle = %d;
        set tcp_keepalives_interval = %d;
        set tcp_keepalives_count = 3;
        set tcp_user_timeout = %d;
        """
            .formatted(Math.max(1, seconds - 3 * interval), interval, seconds * 1000);
    return connection.query(settings).execute().mapEmpty();
  }
}

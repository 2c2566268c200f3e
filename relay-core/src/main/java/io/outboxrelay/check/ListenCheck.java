package io.outboxrelay.check;

import io.outboxrelay.database.Database;
import io.outboxrelay.doorbell.NotificationSender;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Checks that LISTEN receives a notification from another connection. */
final class ListenCheck implements DatabaseCheck {
  private static final Duration WITHIN = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Database database;
  private final OutboxNames names;
  private final Duration pollInterval;

  ListenCheck(Vertx vertx, Database database, OutboxNames names, Duration pollInterval) {
    this.vertx = vertx;
    this.database = database;
    this.names = names;
    this.pollInterval = pollInterval;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    String ring = UUID.randomUUID().toString();
    Promise<Boolean> heard = Promise.promise();
    connection.notificationHandler(
        notification -> {
          if (notification.getPayload().equals(ring)) {
            heard.tryComplete(true);
          }
        });
    return connection
        .query("listen " + names.channel())
        .execute()
        .compose(listening -> database.connect())
        .compose(other -> NotificationSender.send(other, names, ring).eventually(other::close))
        .onSuccess(rung -> vertx.setTimer(WITHIN.toMillis(), late -> heard.tryComplete(false)))
        .compose(rung -> heard.future())
        .map(did -> List.of(finding(did)));
  }

  private Finding finding(boolean heard) {
    return heard
        ? Finding.ok("LISTEN receives a notification of another connection")
        : Finding.warning(
            "LISTEN received no notification within %d s, so the relay would poll every %d ms"
                .formatted(WITHIN.toSeconds(), pollInterval.toMillis()),
            "connect to the server itself instead of through a pooler, or set relay.wakeup: poll");
  }
}

package io.outboxrelay.connect;

import io.outboxrelay.database.Database;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Vertx;

/**
 * The shard that a task reads, with its outbox and the Vert.x instance of the task.
 *
 * @param vertx the task's own Vert.x instance
 * @param number the number that the task uses in its advisory locks
 */
record ShardSite(
    Vertx vertx, Database database, ConnectorConfig config, ShardKey share, int number) {

  OutboxNames names() {
    return config.relay().outbox().names();
  }

  TableSource.Owner owner() {
    var identity = config.identity(number);
    return new TableSource.Owner(identity.name(), identity.configFingerprint());
  }
}

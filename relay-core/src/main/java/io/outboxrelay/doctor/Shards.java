package io.outboxrelay.doctor;

import io.outboxrelay.outbox.Division;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Whether the outbox is divided as the relay is configured, and by nobody's hand. */
final class Shards implements Examination {
  private final OutboxNames names;
  private final int configured;

  /**
   * @param configured how many shards the configuration speaks of, 0 where it does not
   */
  Shards(OutboxNames names, int configured) {
    this.names = names;
    this.configured = configured;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return Division.read(connection, names).map(division -> List.of(finding(division.inForce())));
  }

  private Finding finding(int shards) {
    return configured == 0 || configured == shards
        ? Finding.ok("the outbox has " + shards + (shards == 1 ? " shard" : " shards"))
        : Finding.problem(
            "relay.shards is %d, but the outbox has %d, so a relay would not start"
                .formatted(configured, shards),
            "set relay.shards: %d or leave it out, or run the command shards %d"
                .formatted(shards, configured));
  }
}

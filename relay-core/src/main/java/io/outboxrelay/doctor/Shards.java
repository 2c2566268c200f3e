package io.outboxrelay.doctor;

import io.outboxrelay.outbox.Division;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.relay.Dissent;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether the outbox is divided as the relay is configured, and by nobody's hand, and those who own
 * the shards now are configured alike.
 */
final class Shards implements Examination {
  private final OutboxNames names;
  private final int configured;
  private final String conduct;

  /**
   * @param configured how many shards the configuration speaks of, 0 where it does not
   * @param conduct what a relay does with events by this configuration
   */
  Shards(OutboxNames names, int configured, String conduct) {
    this.names = names;
    this.configured = configured;
    this.conduct = conduct;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return Division.read(connection, names)
        .map(division -> finding(division.inForce()))
        .compose(
            finding ->
                Dissent.find(connection, names, conduct)
                    .map(
                        dissent ->
                            Stream.concat(Stream.of(finding), dissent.stream().map(Shards::warning))
                                .toList()));
  }

  private static Finding warning(String dissent) {
    return Finding.warning(
        dissent, "give all relays of one outbox the same configuration, and restart them in turn");
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

package io.outboxrelay.check;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.membership.ConfigMismatchCheck;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks that the outbox has the configured number of shards, and that the relays that own shards
 * have an equal configuration.
 */
final class ShardsCheck implements DatabaseCheck {
  private final OutboxNames names;
  private final int configured;
  private final String configFingerprint;

  /**
   * @param configured the configured number of shards; 0 if the configuration does not set it
   * @param configFingerprint the fingerprint of the configuration of this command
   */
  ShardsCheck(OutboxNames names, int configured, String configFingerprint) {
    this.names = names;
    this.configured = configured;
    this.configFingerprint = configFingerprint;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return ShardLayout.read(connection, names)
        .map(shardLayout -> finding(shardLayout.inForce()))
        .compose(
            finding ->
                ConfigMismatchCheck.find(connection, names, configFingerprint)
                    .map(
                        configMismatch ->
                            Stream.concat(
                                    Stream.of(finding),
                                    configMismatch.stream().map(ShardsCheck::warning))
                                .toList()));
  }

  private static Finding warning(String configMismatch) {
    return Finding.warning(
        configMismatch,
        "give all relays of one outbox the same configuration, and restart them in turn");
  }

  private Finding finding(int shards) {
    return configured == 0 || configured == shards
        ? Finding.ok("the outbox has " + CountFormat.of(shards, "shard"))
        : Finding.problem(
            "relay.shards is %d, but the outbox has %d, so a relay would not start"
                .formatted(configured, shards),
            "set relay.shards: %d or leave it out, or run the command shards %d"
                .formatted(shards, configured));
  }
}

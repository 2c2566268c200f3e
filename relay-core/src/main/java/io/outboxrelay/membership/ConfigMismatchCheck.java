package io.outboxrelay.membership;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.outbox.AdvisoryLocks;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds relays of the same outbox with a configuration that treats its events differently. With
 * such a mismatch, the destination of an event would depend on which relay leads its shard.
 */
public final class ConfigMismatchCheck {
  private static final String FIND =
      """
      select coalesce(owner, 'a relay'), config_fingerprint, string_agg(shard::text, ', ' order by shard)
      from %1$s c
      where config_fingerprint <> $1
        and exists (select from pg_locks l
                    where %2$s and l.granted and %4$s and %3$s)
      group by 1, 2
      order by 3
      """;

  private ConfigMismatchCheck() {}

  /**
   * Completes with one sentence for each relay that owns a shard now and has another configuration.
   *
   * @param configFingerprint the fingerprint of this relay's configuration, see {@link
   *     RelayConfig#configFingerprint}
   */
  public static Future<List<String>> find(
      SqlClient database, OutboxNames names, String configFingerprint) {
    return database
        .preparedQuery(
            FIND.formatted(
                names.checkpoint(),
                AdvisoryLocks.areOf(names, "l"),
                TrustedRole.holds("l.pid", names),
                AdvisoryLocks.isLease("l", "c.shard")))
        .execute(Tuple.of(configFingerprint))
        .map(
            rows -> {
              var sentences = new ArrayList<String>();
              rows.forEach(
                  row ->
                      sentences.add(
                          "%s, which owns shard %s, publishes by another configuration (%s) than this"
                                  .formatted(row.getString(0), row.getString(2), row.getString(1))
                              + " relay would (%s): the message of an event depends on which relay leads"
                                  .formatted(configFingerprint)));
              return sentences;
            });
  }
}

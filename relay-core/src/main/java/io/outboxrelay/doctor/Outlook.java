package io.outboxrelay.doctor;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.verdict.Evidence;
import io.outboxrelay.verdict.Evidence.Phase;
import io.outboxrelay.verdict.LockWait;
import io.outboxrelay.verdict.OpenTransaction;
import io.outboxrelay.verdict.ShardFacts;
import io.outboxrelay.verdict.ShardStatusReader;
import io.outboxrelay.verdict.Sight;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the database alone tells of how the relays get on: who leads and what waits, but not why a
 * broker takes nothing.
 */
public final class Outlook {
  private Outlook() {}

  /** Asks the database, without changing anything. */
  public static Future<Evidence> read(SqlClient database, OutboxNames names) {
    return new ShardStatusReader(database, names)
        .readAll()
        .compose(sights -> read(database, names, sights));
  }

  /** The same by what was read of the shards before. */
  public static Future<Evidence> read(SqlClient database, OutboxNames names, List<Sight> sights) {
    return LockWait.read(database, names)
        .compose(
            waits -> OpenTransaction.read(database).map(open -> evidence(waits, open, sights)));
  }

  private static Evidence evidence(
      List<LockWait> waits, List<OpenTransaction> open, List<Sight> sights) {
    return new Evidence(
        Phase.ASKED,
        Optional.empty(),
        sights.stream().map(Outlook::facts).toList(),
        waits,
        open,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        sights.stream().mapToLong(Sight::parked).sum(),
        Optional.empty());
  }

  /** A checkpoint is written whenever something was confirmed. */
  private static ShardFacts facts(Sight sight) {
    return new ShardFacts(
        sight.shard(),
        sight.leader(),
        sight.owner(),
        false,
        sight.waiting(),
        sight.isMore(),
        sight.oldest(),
        sight.led() ? Optional.of(sight.checkpointAge()) : Optional.empty(),
        Optional.empty());
  }
}

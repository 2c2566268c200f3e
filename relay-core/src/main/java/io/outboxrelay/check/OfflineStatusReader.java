package io.outboxrelay.check;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.status.LeaderReport;
import io.outboxrelay.status.LockWait;
import io.outboxrelay.status.OpenTransaction;
import io.outboxrelay.status.ShardObservation;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.ShardStatusReader;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.status.StatusInputs.Ailment;
import io.outboxrelay.status.StatusInputs.Phase;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the status inputs from the database alone: the leaders, the backlogs, and the leaders'
 * reports about the broker. It works without a running relay.
 */
public final class OfflineStatusReader {
  private OfflineStatusReader() {}

  /** Completes with the inputs; changes nothing. */
  public static Future<StatusInputs> read(SqlClient database, OutboxNames names) {
    return new ShardStatusReader(database, names)
        .readAll()
        .compose(shards -> read(database, names, shards));
  }

  /** Completes with the inputs, given the facts about the shards. */
  public static Future<StatusInputs> read(
      SqlClient database, OutboxNames names, List<ShardRow> shards) {
    return LockWait.read(database, names)
        .compose(
            waits ->
                OpenTransaction.read(database, names)
                    .compose(
                        open ->
                            LeaderReport.readAll(database, names)
                                .map(reports -> evidence(waits, open, shards, reports))))
        .compose(inputs -> AccountDifferences.summary(database, names).map(inputs::withDifferences))
        .compose(inputs -> ForeignLock.find(database, names).map(inputs::withForeignLocks));
  }

  private static StatusInputs evidence(
      List<LockWait> waits,
      List<OpenTransaction> open,
      List<ShardRow> shards,
      List<LeaderReport> reports) {
    var believed =
        reports.stream().filter(report -> shards.stream().anyMatch(report::isOf)).toList();
    var openBreakers = new LinkedHashMap<String, String>();
    believed.forEach(report -> openBreakers.putAll(report.openBreakers()));
    return new StatusInputs(
        Phase.ASKED,
        Optional.empty(),
        shards.stream().map(OfflineStatusReader::facts).toList(),
        waits,
        open,
        oldest(believed, LeaderReport::broker),
        oldest(believed, LeaderReport::event),
        openBreakers,
        shards.stream().mapToLong(ShardRow::parked).sum(),
        Optional.empty());
  }

  private static Optional<Ailment> oldest(
      List<LeaderReport> reports, Function<LeaderReport, Optional<Ailment>> part) {
    return reports.stream()
        .flatMap(report -> part.apply(report).stream())
        .max(Comparator.comparing(Ailment::age));
  }

  /**
   * A checkpoint is written whenever events were confirmed, so its age is the time since the last
   * confirm.
   */
  private static ShardObservation facts(ShardRow shard) {
    return new ShardObservation(
        shard.shard(),
        shard.leader(),
        shard.owner(),
        false,
        shard.waiting(),
        shard.isMore(),
        shard.oldest(),
        shard.led() ? Optional.of(shard.checkpointAge()) : Optional.empty(),
        Optional.empty());
  }
}

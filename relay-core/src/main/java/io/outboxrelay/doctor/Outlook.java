package io.outboxrelay.doctor;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.verdict.Evidence;
import io.outboxrelay.verdict.Evidence.Ailment;
import io.outboxrelay.verdict.Evidence.Phase;
import io.outboxrelay.verdict.LeaderReport;
import io.outboxrelay.verdict.LockWait;
import io.outboxrelay.verdict.OpenTransaction;
import io.outboxrelay.verdict.ShardFacts;
import io.outboxrelay.verdict.ShardStatusReader;
import io.outboxrelay.verdict.Sight;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the database alone tells of how the relays get on: which leads and what waits, and what the
 * leaders have reported of the broker.
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
            waits ->
                OpenTransaction.read(database)
                    .compose(
                        open ->
                            LeaderReport.readAll(database, names)
                                .map(reports -> evidence(waits, open, sights, reports))));
  }

  private static Evidence evidence(
      List<LockWait> waits,
      List<OpenTransaction> open,
      List<Sight> sights,
      List<LeaderReport> reports) {
    var believed =
        reports.stream().filter(report -> sights.stream().anyMatch(report::isOf)).toList();
    var closed = new LinkedHashMap<String, String>();
    believed.forEach(report -> closed.putAll(report.closed()));
    return new Evidence(
        Phase.ASKED,
        Optional.empty(),
        sights.stream().map(Outlook::facts).toList(),
        waits,
        open,
        oldest(believed, LeaderReport::broker),
        oldest(believed, LeaderReport::event),
        closed,
        sights.stream().mapToLong(Sight::parked).sum(),
        Optional.empty());
  }

  private static Optional<Ailment> oldest(
      List<LeaderReport> reports, Function<LeaderReport, Optional<Ailment>> part) {
    return reports.stream()
        .flatMap(report -> part.apply(report).stream())
        .max(Comparator.comparing(Ailment::age));
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

package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.deadletter.DeadLetterQueries;
import io.outboxrelay.deadletter.DeadLetterStats;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.status.StatusInputs.Phase;
import io.outboxrelay.status.UndeliveredEvents.PausesInForce;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The state of the outbox in the database. It can be read without a running relay. All tables are
 * read in one snapshot, so that the parts of a report agree; locks and sessions have no snapshot
 * and are read once.
 *
 * @param shards the state of each shard
 * @param reports the reports of the leaders; a report that is old, or of a former leader, is left
 *     out
 * @param sessions the sessions that keep the relays from reading or leading
 * @param deadLetters the counts of dead letters
 * @param differences the differences between the delivered events and the events in the outbox
 * @param pauses the pauses in force
 */
public record StatusSnapshot(
    List<ShardRow> shards,
    List<LeaderReport> reports,
    OtherSessions sessions,
    DeadLetterStats deadLetters,
    AccountDifferences.Summary differences,
    Pauses pauses) {
  /**
   * Begins a transaction with an isolation level at which all queries read one snapshot, the one of
   * the first query.
   */
  private static final String BEGIN = "begin transaction isolation level repeatable read read only";

  /** Completes with the state as it is now; changes nothing. */
  public static Future<StatusSnapshot> read(SqlConnection connection, OutboxNames names) {
    return connection
        .query(BEGIN)
        .execute()
        .compose(
            begun ->
                readAll(connection, names).eventually(() -> connection.query("commit").execute()));
  }

  /**
   * Reads all parts, the leaders' reports last. If reading the reports fails, that failure is
   * ignored, but PostgreSQL would refuse every later query of the transaction.
   */
  private static Future<StatusSnapshot> readAll(SqlConnection connection, OutboxNames names) {
    return Future.all(
            List.of(
                new ShardStatusReader(names).readAll(connection),
                Pauses.read(connection, names),
                new DeadLetterQueries(connection, names).stats(),
                AccountDifferences.summary(connection, names),
                new LockWaitReader(names).read(connection),
                new OpenTransactionReader(names).read(connection),
                ForeignLock.find(connection, names),
                LeaderReport.readAll(connection, names)))
        .map(
            read -> {
              List<ShardRow> shards = read.resultAt(0);
              return new StatusSnapshot(
                  shards,
                  credible(read.resultAt(7), shards),
                  new OtherSessions(read.resultAt(4), read.resultAt(5), read.resultAt(6)),
                  read.resultAt(2),
                  read.resultAt(3),
                  read.resultAt(1));
            });
  }

  private static List<LeaderReport> credible(List<LeaderReport> reports, List<ShardRow> shards) {
    return reports.stream().filter(report -> shards.stream().anyMatch(report::isOf)).toList();
  }

  /** Returns the facts from which the status is derived. */
  public StatusInputs inputs() {
    return new StatusInputs(
        Phase.ASKED,
        Optional.empty(),
        shards.stream().map(StatusSnapshot::observation).toList(),
        problems(),
        sessions,
        new UndeliveredEvents(
            shards.stream().mapToLong(shard -> shard.deadLetters().parked()).sum(),
            PausesInForce.of(pauses),
            differences));
  }

  private DeliveryProblems problems() {
    var openBreakers = new LinkedHashMap<String, String>();
    reports.forEach(report -> openBreakers.putAll(report.problems().openBreakers()));
    return new DeliveryProblems(
        oldest(DeliveryProblems::broker), oldest(DeliveryProblems::event), openBreakers);
  }

  private Optional<OngoingProblem.Observed> oldest(
      Function<DeliveryProblems, Optional<OngoingProblem.Observed>> part) {
    return reports.stream()
        .flatMap(report -> part.apply(report.problems()).stream())
        .max(Comparator.comparing(OngoingProblem.Observed::age));
  }

  /**
   * Returns the facts about one shard. The age of the checkpoint is used as the time since the last
   * confirm, because a leader writes the checkpoint whenever events were confirmed.
   */
  private static ShardObservation observation(ShardRow shard) {
    return new ShardObservation(
        shard.shard(),
        new ShardObservation.Leadership(shard.leader(), shard.owner(), false),
        shard.waiting(),
        shard.led() ? Optional.of(shard.progress().checkpointAge()) : Optional.empty(),
        Optional.empty());
  }

  /**
   * Returns the source from which each shard is read, by the number of the shard. Has no entry for
   * a shard if no report of its leader is known.
   */
  public Map<Integer, ReportedSource> sources() {
    return reports.stream().collect(Collectors.toMap(LeaderReport::shard, LeaderReport::source));
  }

  /** Returns the number of events that wait in all shards. */
  public long waiting() {
    return ShardRow.waiting(shards);
  }
}

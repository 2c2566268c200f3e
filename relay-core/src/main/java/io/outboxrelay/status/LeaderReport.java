package io.outboxrelay.status;

import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A report of the leader of a shard: the problems that keep it from publishing, and the source from
 * which it reads. The leader writes it into the database, so that the command {@code status} can
 * show it on a machine that cannot reach the broker.
 *
 * @param relay the relay that reports
 * @param problems the problems that keep it from publishing
 * @param source the source from which the leader reads
 * @param age how long ago the report was written
 */
public record LeaderReport(
    int shard, String relay, DeliveryProblems problems, ReportedSource source, Duration age) {
  /** The time after which the leader writes its report again, even if nothing has changed. */
  public static final Duration REPEATED_AFTER = Duration.ofSeconds(30);

  /** A report older than this is ignored, because the leader has missed three repetitions. */
  static final Duration STALE_AFTER = REPEATED_AFTER.multipliedBy(3);

  /**
   * The maximum length of a sentence in a report, in characters; longer sentences are shortened.
   */
  private static final int LONGEST = 1_000;

  /** The maximum number of destinations in a report; further ones are left out. */
  private static final int DESTINATIONS = 10;

  private static final String WRITE =
      """
      insert into %s (shard, relay, broker, broker_since, event, event_since, destinations,
                      source, source_since, source_reason, source_message, reported_at)
        values ($1, $2, $3, clock_timestamp() - $4 * interval '1 ms',
                $5, clock_timestamp() - $6 * interval '1 ms', $7,
                $8, clock_timestamp() - $9 * interval '1 ms', $10, $11, clock_timestamp())
      on conflict (shard) do update
        set relay = excluded.relay, broker = excluded.broker, broker_since = excluded.broker_since,
            event = excluded.event, event_since = excluded.event_since,
            destinations = excluded.destinations, source = excluded.source,
            source_since = excluded.source_since, source_reason = excluded.source_reason,
            source_message = excluded.source_message, reported_at = excluded.reported_at
      """;

  private static final String READ =
      """
      select shard, relay, broker, (extract(epoch from clock_timestamp() - broker_since) * 1000)::bigint,
             event, (extract(epoch from clock_timestamp() - event_since) * 1000)::bigint,
             destinations, (extract(epoch from clock_timestamp() - reported_at) * 1000)::bigint,
             source, (extract(epoch from clock_timestamp() - source_since) * 1000)::bigint,
             source_reason, source_message
      from %s
      """;

  /**
   * Returns the parts of the report that are compared with the previous report to find out if it
   * has changed. Times are left out, because they change in every report.
   */
  public List<Object> news() {
    return List.of(
        relay,
        problems.broker().map(OngoingProblem.Observed::what),
        problems.event().map(OngoingProblem.Observed::what),
        problems.openBreakers().keySet(),
        source.news());
  }

  /** Replaces the shard's previous report. */
  public Future<Void> write(SqlClient database, OutboxNames names) {
    var destinations = new JsonObject();
    problems.openBreakers().entrySet().stream()
        .limit(DESTINATIONS)
        .forEach(one -> destinations.put(one.getKey(), cut(one.getValue())));
    return database
        .preparedQuery(WRITE.formatted(names.leaderReport()))
        .execute(
            Tuple.of(
                shard,
                relay,
                problems.broker().map(problem -> cut(problem.what())).orElse(null),
                problems.broker().map(LeaderReport::millis).orElse(null),
                problems.event().map(problem -> cut(problem.what())).orElse(null),
                problems.event().map(LeaderReport::millis).orElse(null),
                destinations,
                source.word(),
                source.age().toMillis(),
                source.reason(),
                cut(source.sentence())))
        .mapEmpty();
  }

  /** Completes with the reports of all shards; the list is empty if they cannot be read. */
  public static Future<List<LeaderReport>> readAll(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(READ.formatted(names.leaderReport()))
        .execute()
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(LeaderReport::of).toList())
        .otherwise(List.of());
  }

  /**
   * Returns true if the report is recent and comes from the relay that leads the observed shard
   * now.
   */
  public boolean isOf(ShardRow row) {
    return shard == row.shard()
        && row.led()
        && row.owner().map(relay::equals).orElse(true)
        && age.compareTo(STALE_AFTER) < 0;
  }

  private static LeaderReport of(Row row) {
    var openBreakers = new LinkedHashMap<String, String>();
    row.getJsonObject(6)
        .forEach(one -> openBreakers.put(one.getKey(), String.valueOf(one.getValue())));
    return new LeaderReport(
        row.getInteger(0),
        row.getString(1),
        new DeliveryProblems(
            problem(row.getString(2), row.getLong(3)),
            problem(row.getString(4), row.getLong(5)),
            openBreakers),
        new ReportedSource(
            "log".equals(row.getString(8)),
            Duration.ofMillis(row.getLong(9)),
            row.getString(10),
            row.getString(11)),
        Duration.ofMillis(row.getLong(7)));
  }

  private static Optional<OngoingProblem.Observed> problem(
      @Nullable String what, @Nullable Long millis) {
    return what == null
        ? Optional.empty()
        : Optional.of(
            new OngoingProblem.Observed(what, Duration.ofMillis(millis == null ? 0 : millis)));
  }

  private static long millis(OngoingProblem.Observed problem) {
    return problem.age().toMillis();
  }

  /**
   * Shortens a text to {@link #LONGEST} characters, and replaces NUL characters, because PostgreSQL
   * cannot store them.
   */
  private static String cut(String text) {
    String clean = text.replace('\0', ' ');
    return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "…";
  }
}

package io.outboxrelay.status;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.status.StatusInputs.Ailment;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The problems that keep the leader of a shard from publishing. The leader writes them into the
 * database, so that the command {@code status} can show them on a machine that cannot reach the
 * broker.
 *
 * @param relay the relay that reports
 * @param broker the reason for which nothing can be published
 * @param event an event that fails
 * @param openBreakers the destinations with an open circuit breaker, with the reasons
 * @param age how long ago the report was written
 */
public record LeaderReport(
    int shard,
    String relay,
    Optional<Ailment> broker,
    Optional<Ailment> event,
    Map<String, String> openBreakers,
    Duration age) {
  /** An unchanged report is written again after this time. */
  public static final Duration REPEATED_AFTER = Duration.ofSeconds(30);

  /** A report older than this is ignored, because the leader has missed three repetitions. */
  static final Duration STALE_AFTER = REPEATED_AFTER.multipliedBy(3);

  /** A longer sentence is cut before it is stored. */
  private static final int LONGEST = 1_000;

  /** The most destinations that are stored. */
  private static final int DESTINATIONS = 10;

  private static final String WRITE =
      """
      insert into %s (shard, relay, broker, broker_since, event, event_since, destinations, reported_at)
        values ($1, $2, $3, clock_timestamp() - $4 * interval '1 ms',
                $5, clock_timestamp() - $6 * interval '1 ms', $7, clock_timestamp())
      on conflict (shard) do update
        set relay = excluded.relay, broker = excluded.broker, broker_since = excluded.broker_since,
            event = excluded.event, event_since = excluded.event_since,
            destinations = excluded.destinations, reported_at = excluded.reported_at
      """;

  private static final String READ =
      """
      select shard, relay, broker, (extract(epoch from clock_timestamp() - broker_since) * 1000)::bigint,
             event, (extract(epoch from clock_timestamp() - event_since) * 1000)::bigint,
             destinations, (extract(epoch from clock_timestamp() - reported_at) * 1000)::bigint
      from %s
      """;

  /**
   * Returns the content of the report without the times. While it is equal, there is nothing new to
   * write.
   */
  public List<Object> news() {
    return List.of(
        relay, broker.map(Ailment::what), event.map(Ailment::what), openBreakers.keySet());
  }

  /** Replaces the shard's previous report. */
  public Future<Void> write(SqlClient database, OutboxNames names) {
    var destinations = new JsonObject();
    openBreakers.entrySet().stream()
        .limit(DESTINATIONS)
        .forEach(one -> destinations.put(one.getKey(), cut(one.getValue())));
    return database
        .preparedQuery(WRITE.formatted(names.leaderReport()))
        .execute(
            Tuple.of(
                shard,
                relay,
                broker.map(ailment -> cut(ailment.what())).orElse(null),
                broker.map(LeaderReport::millis).orElse(null),
                event.map(ailment -> cut(ailment.what())).orElse(null),
                event.map(LeaderReport::millis).orElse(null),
                destinations))
        .mapEmpty();
  }

  /** Completes with the reports of all shards; with an empty list if they cannot be read. */
  public static Future<List<LeaderReport>> readAll(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(READ.formatted(names.leaderReport()))
        .execute()
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(LeaderReport::of).toList())
        .otherwise(List.of());
  }

  /** Returns true if the report is about the current leader of the observed shard and is recent. */
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
        ailment(row.getString(2), row.getLong(3)),
        ailment(row.getString(4), row.getLong(5)),
        openBreakers,
        Duration.ofMillis(row.getLong(7)));
  }

  private static Optional<Ailment> ailment(@Nullable String what, @Nullable Long millis) {
    return what == null
        ? Optional.empty()
        : Optional.of(new Ailment(what, Duration.ofMillis(millis == null ? 0 : millis)));
  }

  private static long millis(Ailment ailment) {
    return ailment.age().toMillis();
  }

  /** PostgreSQL refuses a text that contains NUL. */
  private static String cut(String text) {
    String clean = text.replace('\0', ' ');
    return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "…";
  }
}

package io.outboxrelay.eventstatus;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.account.AccountRange;
import io.outboxrelay.deadletter.DeadLetterState;
import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShownValue;
import io.outboxrelay.pause.Pauses;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds events in the outbox and the dead letters, and determines their status.
 *
 * <p>A search by sequence number uses an index. Every other search scans the outbox, because
 * further indexes would slow down the writers. A search fails if it takes longer than ten seconds.
 */
public final class EventStatusQuery {
  /** Ends a search after ten seconds, so that it does not scan a large outbox for minutes. */
  private static final String BOUND = "set local statement_timeout = '10s'";

  /**
   * Selects events with the facts that tell if they were published. A row counts as rewritten if
   * its xmin is not below the xmax of the snapshot in which its column xid is visible. If the
   * transaction in xid wrote the row, possibly in a subtransaction, xmin is below that xmax. An
   * xmin has 32 bits, so the ids are compared modulo 2^32.
   */
  private static final String FIND =
      """
      with found as (
        (select seq, id::text, aggregate_type, aggregate_id, event_type, created_at, xid,
                %16$s as written
         from %1$s where %4$s order by seq desc limit $2)
        union all
        (select seq, id::text, aggregate_type, aggregate_id collate "default", event_type, created_at,
                null, null
         from %2$s dead_letter
         where %4$s and %6$s
           and not exists (select from %15$s where event.seq = dead_letter.seq)
         order by seq desc limit $2)
        union all
        (select seq, id::text, aggregate_type, aggregate_id collate "default", event_type, created_at,
                null, null
         from %11$s gone
         where %4$s and not exists (select from %15$s where event.seq = gone.seq)
         order by seq desc limit $2)
      )
      select found.seq, found.id, %12$s, %13$s, %14$s,
             found.created_at, %7$s, dead_letter.redelivery, dead_letter.reason, found.xid is not null,
             c.position, coalesce(c.next, 0), coalesce(c.noted, 0), coalesce(c.settled, false),
             coalesce((found.written - c.xmax) & 4294967295 < 2147483648, false),
             (select last_value from %8$s),
             coalesce(found.seq < c.floor or found.xid > c.fence and found.seq <= c.position, false),
             (select row_security_active(oid) or relforcerowsecurity from pg_class
              where oid = '%9$s'::regclass),
             coalesce(c.moved, false),
             gone.reason, gone.discarded_by, gone.discarded_at
      from found
      left join %2$s dead_letter on dead_letter.seq = found.seq
      left join %11$s gone on gone.seq = found.seq
      left join lateral (
        select greatest(top, position) as position, floor, fence, hash <> %10$s as moved,
               pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next,
               greatest(fence::text::bigint, pg_snapshot_xmax(settled)::text::bigint - 1) as noted,
               pg_visible_in_snapshot(found.xid, settled) or in_window as settled,
               pg_snapshot_xmax(case when in_window then open_window else settled end)::text::bigint
                 & 4294967295 as xmax
        from (select *, coalesce(open_window is not null and found.seq <= position
                        and pg_visible_in_snapshot(found.xid, open_window), false) as in_window
              from %3$s) checkpoint
        where shard = %5$s and found.xid is not null
        ) c on true
      order by found.seq desc
      limit $2
      """;

  /** The index of the first column of {@link Evidence}. */
  private static final int EVIDENCE = 10;

  /** The index of the first column of the discard. */
  private static final int DISCARDED = EVIDENCE + 9;

  /**
   * The maximum number of ranges of sequence numbers that are compared for one answer, because
   * comparing one range takes some milliseconds.
   */
  private static final int MOST_COMPARED = 20;

  private final SqlConnection connection;
  private final OutboxNames names;

  public EventStatusQuery(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  public Future<List<EventStatus>> ofSeq(long seq, int most) {
    return find("seq = $1", seq, most);
  }

  public Future<List<EventStatus>> ofId(UUID id, int most) {
    return find("id = $1", id, most);
  }

  /** Completes with the latest events of an aggregate, the latest first. */
  public Future<List<EventStatus>> ofAggregate(String aggregateId, int most) {
    return find("aggregate_id = $1", aggregateId, most);
  }

  /** Completes with the events with these sequence numbers, the latest first. */
  public Future<List<EventStatus>> ofSeqs(List<Long> seqs) {
    return find("seq = any($1)", seqs.toArray(Long[]::new), Math.max(1, seqs.size()));
  }

  private Future<List<EventStatus>> find(String condition, Object value, int most) {
    String query =
        FIND.formatted(
            names.events(),
            names.deadLetter(),
            names.checkpoint(),
            condition,
            ShardKey.shardOf("found.aggregate_id", "checkpoint.shards"),
            DeadLetterState.live("dead_letter"),
            DeadLetterState.of(names),
            names.sequence(),
            names.outbox().replace("'", "''"),
            ShardKey.PROBE,
            names.discarded(),
            ShownValue.line("found.aggregate_type"),
            ShownValue.line("found.aggregate_id"),
            ShownValue.line("found.event_type"),
            names.events("event"),
            // An application may update the rows of a table of its own, so xmin proves nothing
            // there.
            names.columns().isMapped() ? "null::bigint" : "xmin::text::bigint");
    return connection
        .begin()
        .compose(
            transaction ->
                connection
                    .query(BOUND)
                    .execute()
                    .compose(
                        bound -> connection.preparedQuery(query).execute(Tuple.of(value, most)))
                    .eventually(transaction::rollback))
        .compose(
            rows ->
                differences(rows)
                    .compose(
                        differences ->
                            Pauses.read(connection, names)
                                .map(
                                    pauses ->
                                        StreamSupport.stream(rows.spliterator(), false)
                                            .map(row -> eventStatus(row, pauses, differences))
                                            .toList())));
  }

  /**
   * Completes with the ranges of these events in which the outbox and the account of the deliveries
   * differ, by the number of the range. The first {@link #MOST_COMPARED} ranges are compared now.
   * Of the other ranges, only those are found for which a difference was recorded earlier; their
   * values are empty.
   */
  private Future<Map<Long, Optional<AccountDifferences.Examined>>> differences(RowSet<Row> rows) {
    Set<Long> seqs = new HashSet<>();
    rows.forEach(row -> seqs.add(row.getLong(0)));
    return AccountDifferences.noted(connection, names, seqs)
        .compose(
            noted -> {
              Map<Long, Optional<AccountDifferences.Examined>> differing = new HashMap<>();
              noted.forEach(range -> differing.put(range, Optional.empty()));
              Map<Long, Long> ranges = new TreeMap<>();
              seqs.forEach(seq -> ranges.put(AccountRange.of(seq), seq));
              Future<Void> done = Future.succeededFuture();
              for (var one : ranges.entrySet().stream().limit(MOST_COMPARED).toList()) {
                done =
                    done.compose(
                            before -> AccountDifferences.examine(connection, names, one.getValue()))
                        .onSuccess(
                            now -> {
                              if (now == null) {
                                differing.remove(one.getKey());
                              } else {
                                differing.put(one.getKey(), Optional.of(now));
                              }
                            })
                        .mapEmpty();
              }
              return done.map(differing);
            });
  }

  private static EventStatus eventStatus(
      Row row, Pauses pauses, Map<Long, Optional<AccountDifferences.Examined>> differences) {
    String redelivery = row.getString(7);
    String reason = String.valueOf(row.getString(8));
    if (row.getString(DISCARDED + 1) != null || "discarded".equals(redelivery)) {
      return discarded(row);
    }
    boolean done = "done".equals(redelivery);
    return done || row.getString(8) == null
        ? ofOutbox(row, done, pauses, differences)
        : ofDeadLetter(row, row.getString(6), reason);
  }

  private static EventStatus discarded(Row row) {
    String reason = row.getString(DISCARDED);
    String by = row.getString(DISCARDED + 1);
    OffsetDateTime at = row.getOffsetDateTime(DISCARDED + 2);
    return of(
        row,
        Status.DISCARDED,
        (by == null || at == null ? "an operator" : by)
            + " gave it up"
            + (at == null ? "" : " at " + TimestampFormat.of(at))
            + "; it had been set aside: "
            + (reason == null ? row.getString(8) : reason),
        new EventStatus.Discard(by, at));
  }

  private static EventStatus ofOutbox(
      Row row,
      boolean wasSetAside,
      Pauses pauses,
      Map<Long, Optional<AccountDifferences.Examined>> differences) {
    if (wasSetAside) {
      return of(row, Status.PUBLISHED, "confirmed by the broker, after it was set aside");
    }
    var evidence = Evidence.of(row, EVIDENCE);
    var doubt = evidence.doubt();
    if (doubt.isPresent()) {
      return of(row, Status.UNKNOWN, "not known to be published: " + doubt.get());
    }
    if (evidence.checkpoint().settled()) {
      var difference = differences.get(AccountRange.of(row.getLong(0)));
      return difference == null
          ? of(row, Status.PUBLISHED, "confirmed by the broker")
          : ofDifferingRange(row, difference);
    }
    return pauses
        .ofAll()
        .map(
            pause ->
                of(
                    row,
                    Status.PAUSED,
                    "everything is " + pause.sentence() + "; to be published once it is resumed"))
        .orElseGet(() -> of(row, Status.WAITING, "to be published in turn"));
  }

  private static EventStatus ofDifferingRange(
      Row row, Optional<AccountDifferences.Examined> difference) {
    String seen =
        difference
            .map(now -> now.difference().sentence())
            .orElse("outbox and account differ in the range of its number");
    @Nullable Long missed = difference.map(AccountDifferences.Examined::missed).orElse(null);
    if (missed == null) {
      return of(
          row, Status.UNKNOWN, "not known to be published: " + seen + "; run the command check");
    }
    return missed.equals(row.getLong(0))
        ? of(
            row,
            Status.UNKNOWN,
            "it counts as published, but the account of the deliveries lacks it: "
                + seen
                + "; run the command check")
        : of(row, Status.PUBLISHED, "confirmed by the broker");
  }

  private static EventStatus ofDeadLetter(Row row, String state, String reason) {
    return switch (state) {
      case "rejected" -> of(row, Status.REJECTED, "not accepted by the broker: " + reason);
      case "retried" ->
          of(row, Status.REJECTED, "being retried; not accepted by the broker before: " + reason);
      case "blocked" ->
          of(
              row,
              Status.BLOCKED,
              "to be published once the rejected event of the aggregate is retried with success or"
                  + " discarded");
      case "waiting" -> of(row, Status.WAITING, "to be published next, from the dead letters");
      case "paused" -> of(row, Status.PAUSED, reason);
      default -> of(row, Status.DEFERRED, reason);
    };
  }

  private static EventStatus of(Row row, Status status, String sentence) {
    return of(row, status, sentence, EventStatus.Discard.NONE);
  }

  private static EventStatus of(
      Row row, Status status, String sentence, EventStatus.Discard discard) {
    return new EventStatus(
        row.getLong(0),
        new EventStatus.Identity(
            row.getString(1),
            row.getString(2),
            row.getString(3),
            row.getString(4),
            row.getOffsetDateTime(5)),
        status,
        sentence,
        discard);
  }
}

package io.outboxrelay.account;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.audit.AuditLog;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads, examines and accepts the ranges in which the outbox differs from the account. */
public final class AccountDifferences {
  private static final String LIST =
      "select " + AccountDifference.COLUMNS + " from %s order by range limit $1";

  private static final String SUMMARY =
      """
      select count(*) filter (where standing > delivered),
             coalesce(sum(standing - delivered) filter (where standing > delivered), 0)::bigint,
             count(*) filter (where standing <= delivered), min(range), max(range)
      from %s
      """;

  /**
   * A query that compares one range. If a single event is known to make the difference, the last
   * column is the sequence number of that event; otherwise it is null.
   */
  private static final String COMPARE =
      """
      with standing as materialized (%1$s), found as materialized (%2$s)
      select range, delivered, standing, now(),
             (select min(seq) from standing
              where due and hash = found.digest and found.standing = delivered + 1 and %4$s)
      from found where %3$s
      """;

  /**
   * Adds the noted differences to the account, so that the account agrees with the outbox as it was
   * when the differences were noted. If a range has changed since, the next comparison finds a new
   * difference.
   */
  private static final String ACCEPT =
      """
      with accepted as (
        delete from %1$s where range >= $1 and range <= $2
        returning range, standing - delivered as events, digest
      ), taken_over as (
        insert into %2$s as account (range, shard, events, digest)
        select range, 0, events, digest from accepted
        on conflict (range, shard) do update
          set events = account.events + excluded.events, digest = account.digest + excluded.digest
      )
      select count(*) from accepted
      """;

  private AccountDifferences() {}

  /**
   * A summary of all differences in numbers.
   *
   * @param losing the number of ranges with more confirmed events than the account counts, so that
   *     some may never have been published
   * @param lost how many more events these ranges hold than the account counts; the number of
   *     unpublished events may be higher
   * @param others the number of the other ranges, which hold fewer or other events than the account
   *     counts
   * @param first the first sequence number of the first range
   * @param last the last sequence number of the last range
   */
  public record Summary(long losing, long lost, long others, long first, long last) {
    /** The summary if no range is known to differ. */
    public static final Summary NONE = new Summary(0, 0, 0, 0, -1);

    /** Returns true if nothing differs. */
    public boolean isEmpty() {
      return losing == 0 && others == 0;
    }

    /** Returns the differences as a clause of a sentence; empty if there are none. */
    public Optional<String> clause() {
      if (isEmpty()) {
        return Optional.empty();
      }
      String where = " between the sequence numbers " + first + " and " + last;
      String more =
          losing == 0
              ? ""
              : "the account of the deliveries lacks at least "
                  + CountFormat.of(lost, "event that counts", "events that count")
                  + " as published, in "
                  + ranges(losing)
                  + " (never published, or the account was changed)";
      String fewer =
          others == 0
              ? ""
              : "in "
                  + ranges(others)
                  + " the outbox lacks events that the account has, or has others";
      return Optional.of(
          more
              + (more.isEmpty() || fewer.isEmpty() ? "" : ", and ")
              + fewer
              + where
              + "; the clean-up deletes nothing of it, see the command check");
    }

    private static String ranges(long number) {
      return CountFormat.of(number, "range");
    }
  }

  /** Completes with a summary of the noted differences. */
  public static Future<Summary> summary(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(SUMMARY.formatted(names.difference()))
        .execute()
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                row.getLong(3) == null
                    ? Summary.NONE
                    : new Summary(
                        row.getLong(0),
                        row.getLong(1),
                        row.getLong(2),
                        AccountRange.first(row.getLong(3)),
                        AccountRange.last(row.getLong(4))));
  }

  /** Completes with the first differences, at most {@code most}. */
  public static Future<List<AccountDifference>> list(
      SqlClient database, OutboxNames names, int most) {
    return database
        .preparedQuery(LIST.formatted(names.difference()))
        .execute(Tuple.of(most))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(AccountDifference::of)
                    .toList());
  }

  /**
   * A difference that was compared again just now.
   *
   * @param missed the sequence number of the event that the account lacks, if that is known to be
   *     the only difference in the range
   */
  public record Examined(AccountDifference difference, @Nullable Long missed) {}

  /**
   * Compares the range that holds a sequence number. Completes with null if the range does not
   * differ.
   */
  public static Future<@Nullable Examined> examine(
      SqlClient database, OutboxNames names, long seq) {
    long range = AccountRange.of(seq);
    return database
        .preparedQuery(
            COMPARE.formatted(
                AccountComparison.standing(names),
                AccountComparison.found(names),
                AccountComparison.DIFFERS,
                EventHash.AGREES))
        .execute(Tuple.of(AccountRange.first(range), AccountRange.last(range)))
        .map(
            rows -> {
              if (rows.size() == 0) {
                return null;
              }
              var row = rows.iterator().next();
              return new Examined(AccountDifference.of(row), row.getLong(4));
            });
  }

  /**
   * Completes with the numbers of the ranges that are noted to differ and hold at least one of the
   * sequence numbers {@code seqs}.
   */
  public static Future<Set<Long>> noted(SqlClient database, OutboxNames names, Set<Long> seqs) {
    return database
        .preparedQuery("select range from %s where range = any ($1)".formatted(names.difference()))
        .execute(
            Tuple.tuple()
                .addArrayOfLong(
                    seqs.stream().map(AccountRange::of).distinct().toArray(Long[]::new)))
        .map(
            rows -> {
              Set<Long> ranges = new HashSet<>();
              rows.forEach(row -> ranges.add(row.getLong(0)));
              return ranges;
            });
  }

  /**
   * Accepts the noted differences of the ranges that hold the sequence numbers {@code first} to
   * {@code last}, so that the clean-up deletes the events of these ranges. Completes with the
   * number of accepted ranges.
   */
  public static Future<Long> accept(
      SqlConnection database, OutboxNames names, long first, long last, Actor author) {
    return AuditLog.noted(
        database,
        names,
        new AuditLog.Entry(author, "accept differences", first + " to " + last),
        () ->
            database
                .preparedQuery(ACCEPT.formatted(names.difference(), names.account()))
                .execute(Tuple.of(AccountRange.of(first), AccountRange.of(last)))
                .map(rows -> rows.iterator().next().getLong(0)),
        ranges ->
            ranges == 0
                ? "not done: no range of these numbers differs"
                : "done: " + CountFormat.of(ranges, "range"));
  }
}

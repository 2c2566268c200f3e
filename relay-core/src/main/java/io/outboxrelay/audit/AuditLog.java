package io.outboxrelay.audit;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The table of who did what.
 *
 * <p>The relay's role may add to it and read it, and neither change nor delete what stands there.
 */
public final class AuditLog {
  private static final String NOTE =
      "insert into %s (who, via, action, what, outcome) values ($1, $2, $3, $4, $5)";

  private static final String LIST =
      """
      select id, at, who, via, action, what, outcome from %s
      where $1::bigint is null or id < $1
      order by id desc
      limit $2
      """;

  private AuditLog() {}

  /**
   * What is to be noted.
   *
   * @param what the action is done to
   */
  public record Entry(Actor author, String action, String what) {}

  /** Notes it; completes when it is durable. */
  public static Future<Void> note(
      SqlClient database, OutboxNames names, Entry entry, String outcome) {
    var author = entry.author();
    return database
        .preparedQuery(NOTE.formatted(names.audit()))
        .execute(
            Tuple.of(author.who(), author.via().written(), entry.action(), entry.what(), outcome))
        .mapEmpty();
  }

  /**
   * Does {@code work} and notes it in one transaction, so that nothing is done that is not noted.
   * What fails is taken back, and that is noted too, for as far as the database allows.
   *
   * @param outcome what to note of the result
   */
  public static <T> Future<T> noted(
      SqlConnection connection,
      OutboxNames names,
      Entry entry,
      Supplier<Future<T>> work,
      Function<T, String> outcome) {
    return connection
        .begin()
        .compose(
            transaction ->
                work.get()
                    .compose(done -> note(connection, names, entry, outcome.apply(done)).map(done))
                    .compose(
                        done -> transaction.commit().map(done),
                        failure ->
                            transaction
                                .rollback()
                                .transform(over -> note(connection, names, entry, told(failure)))
                                .transform(over -> Future.failedFuture(failure))));
  }

  private static String told(Throwable failure) {
    return "not done: "
        + (failure instanceof PgException answer ? answer.getErrorMessage() : failure.getMessage());
  }

  /**
   * Entries, the latest first.
   *
   * @param olderThan only those before this one; null for all
   */
  public static Future<List<AuditEntry>> list(
      SqlClient database, OutboxNames names, @Nullable Long olderThan, int most) {
    return database
        .preparedQuery(LIST.formatted(names.audit()))
        .execute(Tuple.of(olderThan, most))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(AuditEntry::of).toList());
  }
}

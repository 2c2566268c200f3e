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
 * The table that records the actions of operators.
 *
 * <p>The relay's role may insert and read entries, but neither change nor delete them.
 */
public final class AuditLog {
  private static final String NOTE =
      "insert into %s (actor, channel, action, target, outcome) values ($1, $2, $3, $4, $5)";

  private static final String LIST =
      """
      select id, at, actor, channel, action, target, outcome from %s
      where $1::bigint is null or id < $1
      order by id desc
      limit $2
      """;

  private AuditLog() {}

  /**
   * The action to record.
   *
   * @param target the object of the action
   */
  public record Entry(Actor author, String action, String target) {}

  /** Records an action; completes when the entry is durable. */
  public static Future<Void> note(
      SqlClient database, OutboxNames names, Entry entry, String outcome) {
    var author = entry.author();
    return database
        .preparedQuery(NOTE.formatted(names.audit()))
        .execute(
            Tuple.of(
                author.name(), author.channel().written(), entry.action(), entry.target(), outcome))
        .mapEmpty();
  }

  /**
   * Performs {@code work} and records it in one transaction, so that no action is unrecorded. If
   * the work fails, the transaction is rolled back, and the failure is recorded if the database can
   * store it.
   *
   * @param outcome describes the result for the entry
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
   * Completes with entries, at most {@code most}, the latest first.
   *
   * @param olderThan the id of an entry, to return only entries before it; null for the latest
   */
  public static Future<List<AuditEntry>> list(
      SqlClient database, OutboxNames names, @Nullable Long olderThan, int most) {
    return database
        .preparedQuery(LIST.formatted(names.audit()))
        .execute(Tuple.of(olderThan, most))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(AuditEntry::of).toList());
  }
}

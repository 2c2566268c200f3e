package io.outboxrelay.pause;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.audit.AuditLog;
import io.outboxrelay.deadletter.OperationRefusedException;
import io.outboxrelay.doorbell.NotificationListener;
import io.outboxrelay.doorbell.NotificationSender;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The operators' commands to pause and to resume.
 *
 * <p>Needs only the database, so it can be used from any machine. Each row of the table is one
 * pause, and is in force until it is deleted, also after a restart or a fail-over. A change
 * notifies the relays that lead shards. They also read the table at intervals, because a
 * notification may be missed. If two operators make the same change, the second change fails.
 */
public final class PauseTable {
  private static final String ADD =
      """
      insert into %1$s (destination, reason, paused_by) values ($1, $2, $3)
      on conflict (destination) do nothing
      returning %2$s
      """;

  private static final String REMOVE = "delete from %1$s where destination = $1 returning %2$s";
  private static final String FIND = "select %2$s from %1$s where destination = $1";

  private final SqlConnection connection;
  private final OutboxNames names;

  public PauseTable(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  /**
   * Pauses everything ({@link Pause#ALL}), or the destinations that match {@code destination};
   * fails with {@link OperationRefusedException} if a pause with exactly this pattern is in force.
   */
  public Future<Pause> pause(String destination, @Nullable String reason, Actor author) {
    return noted(
        author,
        "pause",
        destination,
        () ->
            connection
                .preparedQuery(ADD.formatted(names.pause(), Pause.COLUMNS))
                .execute(Tuple.of(destination, reason, author.name()))
                .compose(
                    rows ->
                        rows.size() == 0
                            ? standing(destination)
                            : Future.succeededFuture(Pause.of(rows.iterator().next()))));
  }

  private Future<Pause> standing(String destination) {
    return connection
        .preparedQuery(FIND.formatted(names.pause(), Pause.COLUMNS))
        .execute(Tuple.of(destination))
        .compose(
            rows ->
                refused(
                    Pause.what(destination)
                        + (rows.size() == 0
                            ? " was resumed by another operator just now"
                            : " is " + Pause.of(rows.iterator().next()).sentence() + " already")
                        + "; nothing was changed"));
  }

  /**
   * Ends a pause; fails with {@link OperationRefusedException} if no pause with exactly this
   * pattern is in force.
   */
  public Future<Pause> resume(String destination, Actor author) {
    return noted(
        author,
        "resume",
        destination,
        () ->
            connection
                .preparedQuery(REMOVE.formatted(names.pause(), Pause.COLUMNS))
                .execute(Tuple.of(destination))
                .compose(
                    rows ->
                        rows.size() == 0
                            ? refused(
                                "no pause of "
                                    + Pause.what(destination)
                                    + " is in force; nothing was changed. To end a pause, give"
                                    + " exactly the name that status shows")
                            : Future.succeededFuture(Pause.of(rows.iterator().next()))));
  }

  private static <T> Future<T> refused(String sentence) {
    return Future.failedFuture(new OperationRefusedException(sentence));
  }

  private Future<Pause> noted(
      Actor author, String action, String destination, Supplier<Future<Pause>> work) {
    return AuditLog.noted(
        connection,
        names,
        new AuditLog.Entry(author, action, Pause.what(destination)),
        () -> work.get().compose(pause -> notifyRelays().map(pause)),
        pause -> pause.reason() == null ? "done" : "done: " + pause.reason());
  }

  /** Notifies the relays, which receive the notification when the transaction commits. */
  private Future<?> notifyRelays() {
    return NotificationSender.send(connection, names, NotificationListener.PAUSES);
  }
}

package io.outboxrelay.outbox;

import io.vertx.pgclient.PgException;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes a query that failed because of the content of one row: a text of more than 1 GB, a
 * damaged value, or characters that UTF-8 does not have. Such a row fails each query that reads it,
 * and must not stop the others.
 */
public final class UnreadableRow {
  private UnreadableRow() {}

  /**
   * Returns true if one row can be the cause. The caller has to read that row alone to be sure,
   * because an internal error can also concern the whole table.
   */
  public static boolean canBeCauseOf(Throwable failure) {
    String state = failure instanceof PgException answer ? answer.getSqlState() : null;
    return state != null
        && (state.startsWith("54")
            || state.startsWith("XX")
            || state.equals("22021")
            || state.equals("22P05"));
  }

  /** Returns why the event becomes a dead letter. */
  public static String reason(@Nullable Throwable failure) {
    return "PostgreSQL cannot read its row: "
        + (failure instanceof PgException answer
            ? answer.getErrorMessage() + detail(answer.getDetail())
            : failure);
  }

  private static String detail(@Nullable String detail) {
    return detail == null ? "" : " (" + detail + ")";
  }
}

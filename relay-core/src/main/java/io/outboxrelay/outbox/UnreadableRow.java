package io.outboxrelay.outbox;

import io.vertx.pgclient.PgException;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes a query that failed because of the content of one row: a text of more than 1 GB, a
 * damaged value, or characters that UTF-8 does not have. Every query that reads such a row fails.
 * The relay must nevertheless publish all other rows.
 */
public final class UnreadableRow {
  private UnreadableRow() {}

  /**
   * Returns true if the content of one row can be the cause of a query's failure. To be sure, the
   * caller has to read single rows, because the cause of an internal error can be the whole table.
   */
  public static boolean canBeCauseOf(Throwable failure) {
    String state = failure instanceof PgException answer ? answer.getSqlState() : null;
    return state != null
        && (state.startsWith("54")
            || state.startsWith("XX")
            || state.equals("22021")
            || state.equals("22P05"));
  }

  /**
   * Returns the reason, as a sentence, why the event of an unreadable row becomes a dead letter.
   */
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

package io.outboxrelay.audit;

import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;

/**
 * An entry of the audit: an action of an operator, or an attempt that failed.
 *
 * @param action the name of the action, such as {@code retry} or {@code pause}
 * @param target the object of the action
 * @param outcome a sentence about the result
 */
public record AuditEntry(
    long id, OffsetDateTime at, Author author, String action, String target, String outcome) {

  /**
   * The operator as recorded. The values are texts and no {@link Actor}, because an entry is shown
   * as it was written.
   *
   * @param channel {@code api} or {@code command}
   */
  public record Author(String name, String channel) {}

  static AuditEntry of(Row row) {
    return new AuditEntry(
        row.getLong(0),
        row.getOffsetDateTime(1),
        new Author(row.getString(2), row.getString(3)),
        row.getString(4),
        row.getString(5),
        row.getString(6));
  }
}

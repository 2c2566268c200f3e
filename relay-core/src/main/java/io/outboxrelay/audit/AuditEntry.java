package io.outboxrelay.audit;

import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;

/**
 * An action of an operator, or an attempt.
 *
 * @param channel {@code api} or {@code command}
 * @param action such as {@code retry} or {@code pause}
 * @param target the object of the action
 * @param outcome a sentence about the result
 */
public record AuditEntry(
    long id,
    OffsetDateTime at,
    String actor,
    String channel,
    String action,
    String target,
    String outcome) {

  static AuditEntry of(Row row) {
    return new AuditEntry(
        row.getLong(0),
        row.getOffsetDateTime(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6));
  }
}

package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter with its headers and payload, for an export.
 *
 * @param payload the payload as the server prints it: JSON, text, or {@code \x} and hexadecimal
 *     digits
 */
public record ExportedDeadLetter(
    DeadLetterSummary listed,
    @Nullable String id,
    @Nullable OffsetDateTime createdAt,
    OffsetDateTime deadLetteredAt,
    @Nullable String headers,
    @Nullable String payload) {

  /** Returns the columns of the row with the alias {@code letter}. */
  static String columns(OutboxNames names) {
    return DeadLetterSummary.columns(names)
        + ", dead_letter.id::text, dead_letter.created_at, dead_letter.dead_lettered_at, dead_letter.headers::text,"
        + " dead_letter.payload::text";
  }

  static ExportedDeadLetter of(Row row) {
    return new ExportedDeadLetter(
        DeadLetterSummary.of(row),
        row.getString(DeadLetterSummary.COLUMNS),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 1),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 2),
        row.getString(DeadLetterSummary.COLUMNS + 3),
        row.getString(DeadLetterSummary.COLUMNS + 4));
  }
}

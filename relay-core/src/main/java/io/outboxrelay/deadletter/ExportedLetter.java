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
public record ExportedLetter(
    DeadLetterSummary listed,
    @Nullable String id,
    @Nullable OffsetDateTime createdAt,
    OffsetDateTime buriedAt,
    @Nullable String headers,
    @Nullable String payload) {

  /** Returns the columns of the row with the alias {@code letter}. */
  static String columns(OutboxNames names) {
    return DeadLetterSummary.columns(names)
        + ", letter.id::text, letter.created_at, letter.buried_at, letter.headers::text,"
        + " letter.payload::text";
  }

  static ExportedLetter of(Row row) {
    return new ExportedLetter(
        DeadLetterSummary.of(row),
        row.getString(DeadLetterSummary.COLUMNS),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 1),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 2),
        row.getString(DeadLetterSummary.COLUMNS + 3),
        row.getString(DeadLetterSummary.COLUMNS + 4));
  }
}

package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShownContent;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A dead letter with its headers and payload. */
public record StoredDeadLetter(
    DeadLetterSummary listed,
    @Nullable String id,
    @Nullable OffsetDateTime createdAt,
    OffsetDateTime deadLetteredAt,
    ShownContent content) {
  /** The number of columns that {@link #columns} names. */
  static final int COLUMNS = DeadLetterSummary.COLUMNS + 3 + ShownContent.COLUMNS;

  /** Returns SQL with the columns of the row that has the alias {@code dead_letter}. */
  static String columns(OutboxNames names, PayloadType type) {
    return DeadLetterSummary.columns(names)
        + ", dead_letter.id::text, dead_letter.created_at, dead_letter.dead_lettered_at, "
        + ShownContent.columns("dead_letter.", type);
  }

  static StoredDeadLetter of(Row row, OutboxNames names, PayloadType type) {
    var listed = DeadLetterSummary.of(row);
    return new StoredDeadLetter(
        listed,
        row.getString(DeadLetterSummary.COLUMNS),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 1),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 2),
        ShownContent.of(
            row,
            DeadLetterSummary.COLUMNS + 3,
            new ShownContent.Source(names.deadLetter(), listed.seq(), type)));
  }
}

package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter in a list, or an event that is set aside beside them.
 *
 * @param state one of those of {@link LetterState}
 * @param ordered whether it has its place in the order of its aggregate: later events wait for it
 * @param attempts how often it was rejected
 * @param time of the last rejection, or of burial where there was none
 */
public record DeadLetterSummary(
    long seq,
    String state,
    boolean ordered,
    String aggregateType,
    String aggregateId,
    String eventType,
    String destination,
    int attempts,
    OffsetDateTime time,
    String reason) {

  /** How many columns there are. */
  static final int COLUMNS = 10;

  /** Of the row whose alias is {@code deadLetter}. */
  static String columns(OutboxNames names) {
    return """
    letter.seq, %s, letter.state = 'parked',
    letter.aggregate_type, letter.aggregate_id, letter.event_type, letter.destination,
    letter.attempts, coalesce(letter.tried_at, letter.buried_at), letter.reason\
    """
        .formatted(LetterState.of(names));
  }

  static DeadLetterSummary of(Row row) {
    return new DeadLetterSummary(
        row.getLong(0),
        row.getString(1),
        row.getBoolean(2),
        orEmpty(row.getString(3)),
        orEmpty(row.getString(4)),
        orEmpty(row.getString(5)),
        orEmpty(row.getString(6)),
        row.getInteger(7),
        row.getOffsetDateTime(8),
        row.getString(9));
  }

  private static String orEmpty(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}

package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShownValue;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event in the table of dead letters, as a line of a list. It was rejected, or it was set aside
 * although it was not rejected.
 *
 * @param state one of the states of {@link DeadLetterState}
 * @param ordered true if the event has a place in the order of its aggregate, so that later events
 *     wait for it
 * @param failure why and when the event was rejected or set aside
 */
public record DeadLetterSummary(
    long seq,
    String state,
    boolean ordered,
    Subject subject,
    String destination,
    LastFailure failure) {
  /** The aggregate and the type of the event. A value that the event does not have is empty. */
  public record Subject(String aggregateType, String aggregateId, String eventType) {}

  /**
   * The last rejection of an event.
   *
   * @param attempts how often the event was rejected
   * @param time the time of the last rejection; if there was none, the time when the event was set
   *     aside
   * @param reason the reason of the last rejection, or of setting the event aside
   */
  public record LastFailure(int attempts, OffsetDateTime time, String reason) {}

  /** The number of columns that {@link #columns} names. */
  static final int COLUMNS = 10;

  /** Returns SQL with the columns of the row that has the alias {@code dead_letter}. */
  static String columns(OutboxNames names) {
    return """
    dead_letter.seq, %s, dead_letter.state = 'parked',
    %s, dead_letter.aggregate_id, %s, dead_letter.destination,
    dead_letter.attempts, coalesce(dead_letter.tried_at, dead_letter.dead_lettered_at), dead_letter.reason\
    """
        .formatted(
            DeadLetterState.of(names),
            ShownValue.line("dead_letter.aggregate_type"),
            ShownValue.line("dead_letter.event_type"));
  }

  static DeadLetterSummary of(Row row) {
    return new DeadLetterSummary(
        row.getLong(0),
        row.getString(1),
        row.getBoolean(2),
        new Subject(
            orEmpty(row.getString(3)), orEmpty(row.getString(4)), orEmpty(row.getString(5))),
        orEmpty(row.getString(6)),
        new LastFailure(row.getInteger(7), row.getOffsetDateTime(8), row.getString(9)));
  }

  private static String orEmpty(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}

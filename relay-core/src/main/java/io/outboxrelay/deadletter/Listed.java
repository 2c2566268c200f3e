package io.outboxrelay.deadletter;

import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter in a list.
 *
 * @param state {@code parked}, {@code waiting} behind a parked one, {@code skipped}, or {@code
 *     retried} right now
 * @param attempts how often it was rejected
 * @param time of the last rejection, or of burial where there was none
 */
public record Listed(
    long seq,
    String state,
    String aggregateType,
    String aggregateId,
    String eventType,
    String destination,
    int attempts,
    OffsetDateTime time,
    String reason) {

  static final String COLUMNS =
      """
      seq,
      case when redelivery is not null then 'retried'
           when state = 'parked' and attempts = 0 then 'waiting' else state end,
      aggregate_type, aggregate_id, event_type, destination, attempts,
      coalesce(tried_at, buried_at), reason\
      """;

  static Listed of(Row row) {
    return new Listed(
        row.getLong(0),
        row.getString(1),
        orEmpty(row.getString(2)),
        orEmpty(row.getString(3)),
        orEmpty(row.getString(4)),
        orEmpty(row.getString(5)),
        row.getInteger(6),
        row.getOffsetDateTime(7),
        row.getString(8));
  }

  private static String orEmpty(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}

package io.outboxrelay.deadletter;

import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate whose events wait behind one that was not accepted.
 *
 * @param reason why its head was not
 * @param attempts how often that was rejected
 * @param retried whether it is on its way back
 * @param head the sequence number of its first letter
 * @param followers how many events wait behind that
 */
public record ParkedAggregate(
    String aggregateId,
    @Nullable String aggregateType,
    String reason,
    OffsetDateTime since,
    int attempts,
    @Nullable String destination,
    boolean retried,
    long head,
    long followers) {

  static ParkedAggregate of(Row row) {
    return new ParkedAggregate(
        row.getString(0),
        row.getString(1),
        row.getString(2),
        row.getOffsetDateTime(3),
        row.getInteger(4),
        row.getString(5),
        row.getBoolean(6),
        row.getLong(7),
        row.getLong(8));
  }
}

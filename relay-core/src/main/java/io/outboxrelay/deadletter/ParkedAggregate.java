package io.outboxrelay.deadletter;

import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate with a rejected event at its head.
 *
 * @param rejection the rejection of the head
 * @param retried true if the redelivery of the aggregate was requested or is in progress
 * @param head the sequence number of the aggregate's first dead letter
 * @param followers the number of events that wait behind the head
 */
public record ParkedAggregate(
    String aggregateId,
    @Nullable String aggregateType,
    Rejection rejection,
    boolean retried,
    long head,
    long followers) {

  /**
   * The rejection of an event.
   *
   * @param since the time when the event was set aside
   * @param attempts how often the event was rejected
   * @param destination the destination of the event; null if it is not known
   */
  public record Rejection(
      String reason, OffsetDateTime since, int attempts, @Nullable String destination) {}

  static ParkedAggregate of(Row row) {
    return new ParkedAggregate(
        row.getString(0),
        row.getString(1),
        new Rejection(
            row.getString(2), row.getOffsetDateTime(3), row.getInteger(4), row.getString(5)),
        row.getBoolean(6),
        row.getLong(7),
        row.getLong(8));
  }
}

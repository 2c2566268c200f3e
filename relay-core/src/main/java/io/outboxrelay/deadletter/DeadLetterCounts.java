package io.outboxrelay.deadletter;

import io.vertx.sqlclient.Row;

/**
 * The number of dead letters of each kind.
 *
 * @param rejected rejected events, including the ones that are being retried
 * @param blocked events that wait behind a rejected event of their aggregate
 * @param deferred events that are set aside while a destination is down
 * @param paused events that are set aside because an operator paused a destination
 * @param aggregates parked aggregates: their first event is a rejected one
 */
public record DeadLetterCounts(
    long rejected, long blocked, long deferred, long paused, long aggregates) {

  static DeadLetterCounts of(Row row) {
    return new DeadLetterCounts(
        row.getLong(0), row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
  }

  /** Returns the number of events that were not rejected themselves. */
  public long others() {
    return blocked + deferred + paused;
  }
}

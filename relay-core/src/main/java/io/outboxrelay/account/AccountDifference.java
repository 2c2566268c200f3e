package io.outboxrelay.account;

import io.outboxrelay.format.CountFormat;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;

/**
 * A range of sequence numbers in which the events of the outbox are not those that the account
 * counts as delivered.
 *
 * @param range the number of the range; see {@link AccountRange}
 * @param delivered the number of events that the account counts: all that were delivered, without
 *     those that the clean-up has deleted
 * @param standing the number of events in the outbox that the checkpoint confirms
 */
public record AccountDifference(long range, long delivered, long standing, OffsetDateTime foundAt) {
  static final String COLUMNS = "range, delivered, standing, found_at";

  static AccountDifference of(Row row) {
    return new AccountDifference(
        row.getLong(0), row.getLong(1), row.getLong(2), row.getOffsetDateTime(3));
  }

  /** Returns the first sequence number of the range. */
  public long first() {
    return AccountRange.first(range);
  }

  /** Returns the last sequence number of the range. */
  public long last() {
    return AccountRange.last(range);
  }

  /**
   * Returns true if the outbox holds more confirmed events than the account counts, so that some
   * may never have been published.
   */
  public boolean isLoss() {
    return standing > delivered;
  }

  /** Returns the difference and its meaning as a sentence without a full stop. */
  public String sentence() {
    String seen =
        ("of the sequence numbers %d to %d, %s in the outbox and %s as published, but the account"
                + " of the deliveries has %d")
            .formatted(
                first(),
                last(),
                CountFormat.of(standing, "event is", "events are"),
                standing == 1 ? "counts" : "count",
                delivered);
    if (isLoss()) {
      return seen
          + ": "
          + (standing == delivered + 1
              ? "1 was never published"
              : (standing - delivered) + " or more were never published")
          + ", or rows of the account were deleted or changed";
    }
    return seen
        + (standing < delivered
            ? ": some were deleted by another session, or published twice because the checkpoint"
                + " was moved back, or rows of the account were changed"
            : ", of other events: rows got another id or number, or as many were never published as"
                + " were deleted by another session, or rows of the account were changed");
  }
}

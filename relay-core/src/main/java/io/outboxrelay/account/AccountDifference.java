package io.outboxrelay.account;

import io.outboxrelay.format.CountFormat;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;

/**
 * A range of sequence numbers of which the outbox holds other events than the account has as
 * delivered.
 *
 * @param range counts from 0; each has {@link AccountRange#SIZE} numbers
 * @param delivered how many events should stand there by the account: delivered, and not deleted by
 *     the clean-up
 * @param standing how many do stand there that the checkpoint calls delivered
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
   * Returns true if more events stand there than the account has as delivered, so that some may
   * never have been published.
   */
  public boolean isLoss() {
    return standing > delivered;
  }

  /** Returns what was found and what that means, as a sentence without its full stop. */
  public String sentence() {
    String seen =
        "of the numbers %d to %d, %s in the outbox and %s as published, but the account has %s"
            .formatted(
                first(),
                last(),
                CountFormat.of(standing, "event is", "events are"),
                standing == 1 ? "counts" : "count",
                CountFormat.of(delivered, "delivery", "deliveries"));
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

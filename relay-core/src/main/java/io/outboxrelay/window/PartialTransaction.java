package io.outboxrelay.window;

import io.outboxrelay.account.PageAccount;

/**
 * A transaction of which the log has delivered only the first rows, so that a large transaction can
 * be published in pages.
 *
 * @param xid the id of the transaction
 * @param rows the number of its rows in this shard that are delivered
 * @param last the highest sequence number of these rows
 * @param account the account of these rows, which is subtracted if they must be delivered again
 */
public record PartialTransaction(long xid, long rows, long last, PageAccount account) {
  /** Returns this partial transaction with another account of its delivered rows. */
  public PartialTransaction with(PageAccount delivered) {
    return new PartialTransaction(xid, rows, last, delivered);
  }
}

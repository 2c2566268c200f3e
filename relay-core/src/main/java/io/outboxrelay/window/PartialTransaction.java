package io.outboxrelay.window;

import io.outboxrelay.account.PageAccount;

/**
 * A transaction of which the log has delivered only the first rows, so that a large transaction can
 * be published in pages.
 *
 * @param xid the transaction
 * @param rows number of its rows, of this shard, that are delivered
 * @param last the highest sequence number among them
 * @param account of these rows, which is taken back if they must be delivered again
 */
public record PartialTransaction(long xid, long rows, long last, PageAccount account) {
  /** Returns the same part with the account of its rows. */
  public PartialTransaction with(PageAccount delivered) {
    return new PartialTransaction(xid, rows, last, delivered);
  }
}

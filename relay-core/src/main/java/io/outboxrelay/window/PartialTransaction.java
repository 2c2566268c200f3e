package io.outboxrelay.window;

/**
 * A transaction of which the log has delivered only the first rows, so that a large transaction can
 * be published in pages.
 *
 * @param xid the transaction
 * @param rows number of its rows, of this shard, that are delivered
 * @param last the highest sequence number among them
 */
public record PartialTransaction(long xid, long rows, long last) {}

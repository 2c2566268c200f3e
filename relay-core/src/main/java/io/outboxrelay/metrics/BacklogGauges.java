package io.outboxrelay.metrics;

/**
 * The backlog of one shard when it was last counted.
 *
 * @param waiting committed events that are not confirmed yet; an estimate if {@code isMore}
 * @param isMore true if there were too many to be counted
 * @param oldestSeconds how long ago the transaction of the oldest waiting event began; 0 if none
 *     waits
 * @param rejected rejected dead letters that wait for an operator
 * @param behind dead letters that wait behind a rejected one, or for their destination
 */
public record BacklogGauges(
    long waiting, boolean isMore, double oldestSeconds, long rejected, long behind) {}

package io.outboxrelay.metrics;

/**
 * What of one shard waited when it was last counted.
 *
 * @param waiting committed events not yet confirmed; beyond what is counted, as many as there are
 *     sequence numbers
 * @param isMore whether they were too many to be counted
 * @param oldestSeconds how long ago the transaction of the oldest of them began; 0 where none waits
 * @param rejected dead letters that were rejected and wait for somebody
 * @param behind dead letters that wait behind those, or for their destination
 */
public record BacklogGauges(
    long waiting, boolean isMore, double oldestSeconds, long rejected, long behind) {}

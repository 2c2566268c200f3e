package io.outboxrelay.demo;

/**
 * The transactions of the demo's writers.
 *
 * @param transactions the number of committed transactions
 * @param rolledBack the number of transactions that were rolled back
 * @param events the number of committed events
 */
record WriteCounts(long transactions, long rolledBack, long events) {}

package io.outboxrelay.deadletter;

/**
 * What became of a request.
 *
 * @param matched letters that were meant
 * @param done letters, or heads of parked aggregates, for which it was done
 * @param busy those for which it was not, as they are being retried
 */
public record Tally(long matched, long done, long busy) {}

package io.outboxrelay.deadletter;

import java.util.List;

/**
 * What became of a request.
 *
 * @param matched letters that were meant
 * @param done letters, or heads of parked aggregates, for which it was done
 * @param busy those for which it was not, as they are being retried
 * @param some of the busy ones, by their sequence numbers, at most {@link #NAMED}
 */
public record Tally(long matched, long done, long busy, List<Long> some) {
  static final int NAMED = 100;
}

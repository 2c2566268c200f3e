package io.outboxrelay.breaker;

import java.util.List;

/**
 * The destinations for which dead letters must not be redelivered now.
 *
 * @param open destinations with an open breaker; none of their events may be tried
 * @param halfOpen destinations with a half-open breaker; one of their events may be tried
 * @param paused patterns, for SQL's {@code like}, of paused destinations; none of their events may
 *     be tried
 */
public record DestinationFilter(List<String> open, List<String> halfOpen, List<String> paused) {
  /** Returns true if every destination may be tried. */
  public boolean passesAll() {
    return open.isEmpty() && halfOpen.isEmpty() && paused.isEmpty();
  }
}

package io.outboxrelay.admin;

import org.jspecify.annotations.Nullable;

/**
 * The number and age of waiting events, which are read from the database.
 *
 * @param waiting the number of waiting events; the highest number if several measurements are
 *     combined
 * @param oldestSeconds the age of the oldest waiting event in seconds; 0 if none waits
 */
record Backlog(long waiting, double oldestSeconds) {

  /**
   * Combines two measurements: returns the higher number and the higher age of both. Null stands
   * for an unknown measurement; the result is null only if both are unknown.
   */
  static @Nullable Backlog higher(@Nullable Backlog one, @Nullable Backlog other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return new Backlog(
        Math.max(one.waiting, other.waiting), Math.max(one.oldestSeconds, other.oldestSeconds));
  }
}

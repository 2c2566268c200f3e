package io.outboxrelay.admin;

import org.jspecify.annotations.Nullable;

/**
 * The number and age of waiting events, which are read from the database.
 *
 * @param waiting the highest number of waiting events
 * @param oldestSeconds the age of the oldest waiting event, 0 if none waits
 */
record Backlog(long waiting, double oldestSeconds) {

  /** Returns the higher values of both; null if neither is known. */
  static @Nullable Backlog higher(@Nullable Backlog one, @Nullable Backlog other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return new Backlog(
        Math.max(one.waiting, other.waiting), Math.max(one.oldestSeconds, other.oldestSeconds));
  }
}

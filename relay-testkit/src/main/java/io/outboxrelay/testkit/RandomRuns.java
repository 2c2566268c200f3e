package io.outboxrelay.testkit;

/**
 * The number of runs of tests that try random cases. {@code ./test unit} tries a tenth of them,
 * because it must end soon; a full build tries all.
 */
public final class RandomRuns {
  private static final int PERCENT = Integer.getInteger("random.runs.percent", 100);

  private RandomRuns() {}

  /** Returns the number of runs if a full build has this many. */
  public static int of(int full) {
    return Math.max(1, full * PERCENT / 100);
  }
}

package io.outboxrelay.testkit;

/**
 * The number of runs of a test that tries random cases. {@code ./test unit} makes a tenth of the
 * runs, because it must end soon; a full build makes all of them.
 */
public final class RandomRuns {
  private static final int PERCENT = Integer.getInteger("random.runs.percent", 100);

  private RandomRuns() {}

  /**
   * Returns the number of runs to make now.
   *
   * @param full the number of runs in a full build
   */
  public static int of(int full) {
    return Math.max(1, full * PERCENT / 100);
  }
}

package io.outboxrelay.publish;

/**
 * One thing {@code check} looked at.
 *
 * @param text a sentence that says what was seen
 * @param remedy what to do about it; empty where nothing is wrong
 */
public record Finding(Level level, String text, String remedy) {
  /** How bad it is. */
  public enum Level {
    OK,
    /** The relay runs, but less well than it could. */
    WARNING,
    /** The relay does not run, or does not deliver, until this is mended. */
    PROBLEM
  }

  public static Finding ok(String text) {
    return new Finding(Level.OK, text, "");
  }

  public static Finding warning(String text, String remedy) {
    return new Finding(Level.WARNING, text, remedy);
  }

  public static Finding problem(String text, String remedy) {
    return new Finding(Level.PROBLEM, text, remedy);
  }
}

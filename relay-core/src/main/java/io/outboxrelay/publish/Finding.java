package io.outboxrelay.publish;

/**
 * One result of the command {@code check}.
 *
 * @param text a sentence that describes the observation
 * @param remedy the action for the operator; empty if nothing is wrong
 */
public record Finding(Level level, String text, String remedy) {
  /** The severity of a finding. */
  public enum Level {
    OK,
    /** The relay runs, but not as well as it could. */
    WARNING,
    /** The relay does not run, or does not deliver, until this is corrected. */
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

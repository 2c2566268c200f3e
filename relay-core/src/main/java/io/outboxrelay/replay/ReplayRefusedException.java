package io.outboxrelay.replay;

/** What was asked of a replay cannot be done; its message is a sentence for the operator. */
public final class ReplayRefusedException extends RuntimeException {
  private final Reason reason;

  /** What is in the way. */
  public enum Reason {
    /** What was asked for makes no sense, or there is nothing that fits. */
    MISTAKE,
    /** There is no such replay. */
    ABSENT,
    /** It is over already. */
    OVER
  }

  ReplayRefusedException(Reason reason, String sentence) {
    super(sentence, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}

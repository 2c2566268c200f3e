package io.outboxrelay.replay;

/** An operation on replays was refused; its message is a sentence for the operator. */
public final class ReplayRefusedException extends RuntimeException {
  private final Reason reason;

  /** The kind of obstacle. */
  public enum Reason {
    /** The request is invalid, or no event matches. */
    MISTAKE,
    /** There is no such replay. */
    ABSENT,
    /** The replay has ended already. */
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

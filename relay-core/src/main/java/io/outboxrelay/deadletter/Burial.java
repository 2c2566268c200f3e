package io.outboxrelay.deadletter;

/**
 * An event on its way into the dead letters.
 *
 * @param parks whether its aggregate's later events wait behind it
 * @param reason a sentence: what the broker answered, or what was wrong with the event
 * @param destination where it would have gone; empty where that is not known
 * @param rejected false for an event that only waits behind one that was
 */
public record Burial(long seq, boolean parks, String reason, String destination, boolean rejected) {
  private static final String WAITS = "waits behind an event of its aggregate that was rejected";

  /** An event that waits behind another of its aggregate. */
  public static Burial waiting(long seq, String destination) {
    return new Burial(seq, true, WAITS, destination, false);
  }

  String state() {
    return parks ? "parked" : "skipped";
  }

  int attempts() {
    return rejected ? 1 : 0;
  }
}

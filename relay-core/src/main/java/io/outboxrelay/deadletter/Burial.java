package io.outboxrelay.deadletter;

import org.jspecify.annotations.Nullable;

/**
 * An event on its way into the dead letters.
 *
 * @param parks whether its aggregate's later events wait behind it
 * @param reason a sentence: what the broker answered, or what was wrong with the event
 * @param destination where it would have gone; empty where that is not known
 * @param rejected false for an event that only waits, behind another or for its destination
 * @param asked whether it is to be published again without anyone asking
 */
public record Burial(
    long seq, boolean parks, String reason, String destination, boolean rejected, boolean asked) {
  private static final String WAITS = "waits behind an event of its aggregate that was set aside";

  /** An event that will never be accepted. */
  public static Burial rejected(long seq, boolean parks, String reason, String destination) {
    return new Burial(seq, parks, reason, destination, true, false);
  }

  /** An event that waits behind another of its aggregate. */
  public static Burial waiting(long seq, String destination) {
    return new Burial(seq, true, WAITS, destination, false, false);
  }

  /** An event whose destination takes nothing for now. */
  public static Burial deferred(long seq, String reason, String destination) {
    return new Burial(seq, true, reason, destination, false, true);
  }

  String state() {
    return parks ? "parked" : "skipped";
  }

  int attempts() {
    return rejected ? 1 : 0;
  }

  @Nullable String redelivery() {
    return asked ? "requested" : null;
  }
}

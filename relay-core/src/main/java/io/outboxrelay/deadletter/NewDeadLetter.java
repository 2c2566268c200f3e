package io.outboxrelay.deadletter;

import org.jspecify.annotations.Nullable;

/**
 * An event on its way into the dead letters.
 *
 * @param aggregateId empty where the event has none
 * @param parks whether its aggregate's later events wait behind it
 * @param reason a sentence: what the broker answered, or what was wrong with the event
 * @param destination where it would have gone; empty where that is not known
 * @param rejected false for an event that only waits, behind another or for its destination
 * @param asked whether it is to be published again without anyone asking
 */
public record NewDeadLetter(
    long seq,
    String aggregateId,
    boolean parks,
    String reason,
    String destination,
    boolean rejected,
    boolean asked) {
  private static final String WAITS = "waits behind an event of its aggregate that was set aside";

  public NewDeadLetter {
    reason = StorableText.reason(reason);
    destination = StorableText.destination(destination);
  }

  /** An event that will never be accepted. */
  public static NewDeadLetter rejected(
      long seq, String aggregateId, boolean parks, String reason, String destination) {
    return new NewDeadLetter(seq, aggregateId, parks, reason, destination, true, false);
  }

  /** An event that waits behind another of its aggregate. */
  public static NewDeadLetter waiting(long seq, String aggregateId, String destination) {
    return new NewDeadLetter(seq, aggregateId, true, WAITS, destination, false, false);
  }

  /** An event whose destination takes nothing for now. */
  public static NewDeadLetter deferred(
      long seq, String aggregateId, String reason, String destination) {
    return new NewDeadLetter(seq, aggregateId, true, reason, destination, false, true);
  }

  /** The same in characters that each encoding has, with something to add to the reason. */
  NewDeadLetter plain(String addition) {
    return new NewDeadLetter(
        seq,
        aggregateId,
        parks,
        StorableText.ascii(reason + addition),
        StorableText.ascii(destination),
        rejected,
        asked);
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

package io.outboxrelay.deadletter;

import org.jspecify.annotations.Nullable;

/**
 * An event that is to be written to the dead letters.
 *
 * @param aggregateId the aggregate id; empty if the event has none
 * @param parks true if later events of the aggregate wait behind this event
 * @param reason a sentence: the broker's answer, or the defect of the event
 * @param destination the destination of the event; empty if it is not known
 */
public record NewDeadLetter(
    long seq, String aggregateId, boolean parks, String reason, String destination, Cause cause) {
  /** The cause for which an event becomes a dead letter. */
  public enum Cause {
    /** The broker will never accept the event. */
    REJECTED,
    /** The event waits behind another event of its aggregate. */
    BEHIND_ANOTHER,
    /**
     * The event's destination is down or paused; the relay publishes the event again without an
     * operator's request.
     */
    DEFERRED
  }

  private static final String WAITS = "waits behind an event of its aggregate that was set aside";

  public NewDeadLetter {
    reason = StorableText.reason(reason);
    destination = StorableText.destination(destination);
  }

  /** Creates a dead letter for an event that the broker will never accept. */
  public static NewDeadLetter rejected(
      long seq, String aggregateId, boolean parks, String reason, String destination) {
    return new NewDeadLetter(seq, aggregateId, parks, reason, destination, Cause.REJECTED);
  }

  /** Creates a dead letter for an event that waits behind another event of its aggregate. */
  public static NewDeadLetter waiting(long seq, String aggregateId, String destination) {
    return new NewDeadLetter(seq, aggregateId, true, WAITS, destination, Cause.BEHIND_ANOTHER);
  }

  /** Creates a dead letter for an event that waits because its destination is down or paused. */
  public static NewDeadLetter deferred(
      long seq, String aggregateId, String reason, String destination) {
    return new NewDeadLetter(seq, aggregateId, true, reason, destination, Cause.DEFERRED);
  }

  /**
   * Returns this dead letter with reason and destination in ASCII, so that a database of any
   * encoding can store them, and with an addition to the reason.
   */
  NewDeadLetter plain(String addition) {
    return new NewDeadLetter(
        seq,
        aggregateId,
        parks,
        StorableText.ascii(reason + addition),
        StorableText.ascii(destination),
        cause);
  }

  /**
   * Returns true if the event was rejected; false if it only waits, behind another event or for its
   * destination.
   */
  public boolean rejected() {
    return cause == Cause.REJECTED;
  }

  /** Returns true if the relay is to publish the event again without an operator's request. */
  public boolean asked() {
    return cause == Cause.DEFERRED;
  }

  String state() {
    return parks ? "parked" : "skipped";
  }

  int attempts() {
    return rejected() ? 1 : 0;
  }

  @Nullable String redelivery() {
    return asked() ? "requested" : null;
  }
}

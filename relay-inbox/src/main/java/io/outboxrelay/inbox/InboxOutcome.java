package io.outboxrelay.inbox;

/** The result of recording one received event in the inbox. */
public enum InboxOutcome {
  /** The event is new. Its effect and its inbox row are written in one transaction. */
  FIRST,

  /**
   * The event is new, but an event of its aggregate with a higher sequence number was handled
   * before, in this batch or in an earlier one.
   *
   * <p>The relay keeps the order of an aggregate, so the cause is elsewhere: several consumers of
   * one queue, a message set aside and handled later, the redelivery of a dead letter, or two
   * transactions that wrote the aggregate at the same time.
   */
  LATE,

  /** The event was handled before, and nothing was changed. Acknowledge it. */
  REPEATED
}

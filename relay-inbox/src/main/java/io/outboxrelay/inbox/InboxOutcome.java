package io.outboxrelay.inbox;

/** What became of an event that was received. */
public enum InboxOutcome {
  /** Not seen before: its effect and its note are one transaction. */
  FIRST,

  /**
   * As {@link #FIRST}, but overtaken: an event of its aggregate with a higher sequence number had
   * been handled before, in this batch or an earlier one.
   *
   * <p>The relay keeps the order of an aggregate, so this tells of something else that does not:
   * several consumers of one queue, a message put aside and handled later, a parked event that came
   * back, or two transactions that wrote the aggregate at the same time.
   */
  LATE,

  /** Seen before: nothing was changed. Acknowledge it. */
  REPEATED
}

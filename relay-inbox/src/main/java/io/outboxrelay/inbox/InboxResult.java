package io.outboxrelay.inbox;

/** A received event with its outcome. */
public record InboxResult<M>(InboxMessage<M> received, InboxOutcome outcome) {
  public M message() {
    return received.message();
  }

  /**
   * Returns true if the event was not handled before. Its effect then belongs to this transaction.
   */
  public boolean isNew() {
    return outcome != InboxOutcome.REPEATED;
  }
}

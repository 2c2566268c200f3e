package io.outboxrelay.inbox;

/** An event that was received, and what the inbox knows of it. */
public record InboxResult<M>(InboxMessage<M> received, InboxOutcome outcome) {
  public M message() {
    return received.message();
  }

  /** Whether its effect is still to be made, or was. */
  public boolean isNew() {
    return outcome != InboxOutcome.REPEATED;
  }
}

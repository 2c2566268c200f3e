package io.outboxrelay.inbox;

/** An event that was received, and what the inbox knows of it. */
public record Arrival<M>(Received<M> received, Outcome outcome) {
  public M message() {
    return received.message();
  }

  /** Whether its effect is still to be made, or was. */
  public boolean isNew() {
    return outcome != Outcome.REPEATED;
  }
}

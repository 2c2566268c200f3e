package io.outboxrelay.deadletter;

/**
 * A dead letter was tried and stays one.
 *
 * @param reason a sentence: what the broker answered, or what is wrong with the event
 * @param destination where it would have gone; empty where that is not known
 * @param rejected false where only its destination took nothing: it is to be tried again by itself
 */
public record RedeliveryFailure(long seq, String reason, String destination, boolean rejected) {
  public RedeliveryFailure {
    reason = StorableText.reason(reason);
    destination = StorableText.destination(destination);
  }

  /** The same in characters that each encoding has. */
  RedeliveryFailure plain() {
    return new RedeliveryFailure(
        seq, StorableText.ascii(reason), StorableText.ascii(destination), rejected);
  }
}

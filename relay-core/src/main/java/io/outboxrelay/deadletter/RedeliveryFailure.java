package io.outboxrelay.deadletter;

/**
 * The failure of a redelivery: the event remains a dead letter.
 *
 * @param reason a sentence: the broker's answer, or the defect of the event
 * @param destination the destination of the event; empty if it is not known
 * @param rejected true if the broker will not accept the event; false if only the destination is
 *     down, so that the relay tries again without an operator's request
 */
public record RedeliveryFailure(long seq, String reason, String destination, boolean rejected) {
  public RedeliveryFailure {
    reason = StorableText.reason(reason);
    destination = StorableText.destination(destination);
  }

  /**
   * Returns this failure with reason and destination in ASCII, so that a database of any encoding
   * can store them.
   */
  RedeliveryFailure plain() {
    return new RedeliveryFailure(
        seq, StorableText.ascii(reason), StorableText.ascii(destination), rejected);
  }
}

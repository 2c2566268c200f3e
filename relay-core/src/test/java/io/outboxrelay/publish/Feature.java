package io.outboxrelay.publish;

/**
 * A feature that not every broker has. The contract test of a broker declares its features, and the
 * tests of the other features are reported as skipped.
 */
public enum Feature {
  /**
   * A tombstone arrives as a tombstone; without the feature, as a message with an empty payload.
   */
  TOMBSTONES,

  /** An event header can name the destination; see {@link PublisherContract#headerSetting}. */
  DESTINATION_HEADER,

  /** All events can be sent to another destination; see {@link Broker#redirectedTo}. */
  REDIRECTION,

  /** The broker refuses an event if its destination is missing, and does not create it. */
  MISSING_DESTINATION_REFUSED,

  /** The size of an event is limited; see {@link PublisherContract#tooLarge}. */
  SIZE_LIMIT,

  /** The publisher reports where the broker has stored an event; see {@link Publisher#reportTo}. */
  RECEIPTS
}

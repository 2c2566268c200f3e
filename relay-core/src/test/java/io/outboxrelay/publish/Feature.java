package io.outboxrelay.publish;

/**
 * A feature that not every broker has: declared by its contract test, so that no test is left out
 * silently.
 */
public enum Feature {
  /** A tombstone arrives as one; elsewhere as a message without a payload. */
  TOMBSTONES,

  /** An event header can name the destination; see {@link PublisherContract#headerSetting}. */
  DESTINATION_HEADER,

  /** Every event can be sent elsewhere; see {@link Broker#redirectedTo}. */
  REDIRECTION,

  /** A missing destination is neither created by the broker nor tacitly accepted. */
  MISSING_DESTINATION_REFUSED,

  /** There is a size that no event may exceed; see {@link PublisherContract#tooLarge}. */
  SIZE_LIMIT,

  /** It is told where the broker has stored an event; see {@link Publisher#reportTo}. */
  RECEIPTS
}

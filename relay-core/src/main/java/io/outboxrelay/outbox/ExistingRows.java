package io.outboxrelay.outbox;

/** The meaning of the rows that are in a table when it is adopted. */
public enum ExistingRows {
  /** The rows have been delivered in another way, so the relay never reads them. */
  PUBLISHED,
  /** The rows are published before all rows that are written later. */
  WAITING
}

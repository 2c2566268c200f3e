package io.outboxrelay.window;

/**
 * The position after a page of the table or of the log; its checkpoint is computed when it is
 * stored.
 */
public interface ReadPosition {
  /** Returns a sequence number; no new event can appear at or below it. */
  long floor();

  /** Returns the checkpoint to store once everything up to this position is confirmed. */
  Checkpoint checkpoint();
}

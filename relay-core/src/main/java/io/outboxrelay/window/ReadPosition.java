package io.outboxrelay.window;

/** The position of a page of either source, from which a checkpoint is made when it is stored. */
public interface ReadPosition {
  /** Returns a sequence number; no new event can appear at or below it. */
  long floor();

  /** Returns the checkpoint to store once everything up to this position is confirmed. */
  Checkpoint checkpoint();
}

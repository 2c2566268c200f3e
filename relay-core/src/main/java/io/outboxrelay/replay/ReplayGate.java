package io.outboxrelay.replay;

/**
 * Tells when a replay may begin and publish. Replays wait for the events that are read from the
 * outbox, which come first.
 */
public interface ReplayGate {
  /**
   * Returns true if a replay may begin. After a result of false, {@link ReplayWorker#look} is
   * called as soon as a replay may begin.
   */
  boolean mayBegin();

  /** Returns true while this relay certainly owns the shard; called before each publish. */
  boolean mayPublish();

  /**
   * Returns true if the read-ahead is full or anything is paused. No batch of a replay begins then.
   */
  boolean isBusy();
}

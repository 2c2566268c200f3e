package io.outboxrelay.replay;

/** Tells when a replay may begin and publish, because live events come first. */
public interface ReplayGate {
  /**
   * Returns true if a replay may begin. If false, {@link ReplayWorker#look} is called once it may.
   */
  boolean mayBegin();

  /** Returns true while this relay certainly owns the shard; called before each publish. */
  boolean mayPublish();

  /**
   * Returns true if live events fill the read-ahead, or anything is paused; no batch begins then.
   */
  boolean isBusy();
}

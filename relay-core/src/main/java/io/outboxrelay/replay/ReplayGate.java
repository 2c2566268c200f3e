package io.outboxrelay.replay;

/** Tells when a replay may begin and publish, because live events come first. */
public interface ReplayGate {
  /** Returns true unless the term must not begin a replay yet; when it may, the worker is told. */
  boolean mayBegin();

  /** Returns true while this relay certainly owns the shard; asked before each publish. */
  boolean mayPublish();

  /** Returns true if live events fill the bound of events in flight, or all is paused. */
  boolean isBusy();
}

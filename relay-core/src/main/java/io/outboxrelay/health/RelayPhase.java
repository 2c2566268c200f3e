package io.outboxrelay.health;

/** The phase of a running relay. */
public enum RelayPhase {
  /** Database or broker have not answered yet. */
  STARTING,
  /** Database and broker have both answered since the start. */
  RUNNING,
  /** The relay was told to stop. */
  STOPPING
}

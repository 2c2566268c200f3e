package io.outboxrelay.health;

/** The phase of a running relay. */
public enum RelayPhase {
  /** The database or the broker has not answered yet since the start. */
  STARTING,
  /** Database and broker have both answered since the start. */
  RUNNING,
  /** The relay was told to stop. */
  STOPPING
}

package io.outboxrelay.chaos;

/** Carries out the faults of one kind of thing. */
interface FaultInjector {
  /** Makes {@code fault} happen, and returns what ends it. */
  Mending begin(PlannedFault fault) throws Exception;

  /** Ends a fault; to be tried until it succeeds. */
  interface Mending {
    void mend() throws Exception;
  }
}

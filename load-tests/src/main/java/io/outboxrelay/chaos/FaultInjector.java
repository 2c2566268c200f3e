package io.outboxrelay.chaos;

/** Carries out the faults of some {@link FaultTarget}s. */
interface FaultInjector {
  /** Causes {@code fault}, and returns the action that ends it. */
  Mending begin(PlannedFault fault) throws Exception;

  /** Ends a fault. It is repeated until it succeeds. */
  interface Mending {
    void mend() throws Exception;
  }
}

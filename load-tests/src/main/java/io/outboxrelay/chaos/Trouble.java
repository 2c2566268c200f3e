package io.outboxrelay.chaos;

/** Carries out the faults of one kind of thing. */
interface Trouble {
  /** Makes {@code fault} happen, and returns what ends it. */
  Mending begin(Fault fault) throws Exception;

  /** Ends a fault; to be tried until it succeeds. */
  interface Mending {
    void mend() throws Exception;
  }
}

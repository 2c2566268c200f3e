package io.outboxrelay.chaos;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits until every committed event has arrived, or is a dead letter that must stay one. */
final class DeliveryAwaiter {
  /** If nothing arrives for this time, the missing events count as lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final int MILLIS_BETWEEN_LOOKS = 500;

  private final ChaosEnvironment site;
  private final ArrivalLog ledger;
  private final ChaosWriters writers;
  private final DeadLetterFaultInjector deadLetters;

  DeliveryAwaiter(
      ChaosEnvironment site,
      ArrivalLog ledger,
      ChaosWriters writers,
      DeadLetterFaultInjector deadLetters) {
    this.site = site;
    this.ledger = ledger;
    this.writers = writers;
    this.deadLetters = deadLetters;
  }

  /**
   * Waits for the events that are committed now. If they do not arrive, reports a finding and
   * returns false.
   */
  boolean all(String when) throws Exception {
    var committed = ExpectedState.of(site.database());
    long movedAt = System.nanoTime();
    long before = -1;
    while (true) {
      deadLetters.retryWhatIsComplete();
      var truth = committed.withDeadLettersOf(site.database()).expecting(writers.victims());
      var missing = new DeliveryCheck(truth, ledger).missing();
      if (missing.isEmpty()) {
        site.runLog().say("everything committed has arrived or is a dead letter, " + when);
        return true;
      }
      long now = ledger.delivered();
      if (now != before) {
        before = now;
        movedAt = System.nanoTime();
      } else if (System.nanoTime() - movedAt > PATIENCE.toNanos()) {
        site.runLog().found("missing %s: %s".formatted(when, missing));
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN_LOOKS);
    }
  }
}

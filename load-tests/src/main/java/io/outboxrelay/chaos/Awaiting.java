package io.outboxrelay.chaos;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits until what is committed has arrived, or is a dead letter that has to stay one. */
final class Awaiting {
  /** Without any progress for so long, what is missing will not come. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final int MILLIS_BETWEEN_LOOKS = 500;

  private final Site site;
  private final Ledger ledger;
  private final Writers writers;
  private final LetterTrouble letters;

  Awaiting(Site site, Ledger ledger, Writers writers, LetterTrouble letters) {
    this.site = site;
    this.ledger = ledger;
    this.writers = writers;
    this.letters = letters;
  }

  /** Waits for what is committed now; false, with a finding, where it does not come. */
  boolean all(String when) throws Exception {
    var committed = Truth.of(site.database());
    long movedAt = System.nanoTime();
    long before = -1;
    while (true) {
      letters.retryWhatIsComplete();
      var truth = committed.withDeadLettersOf(site.database()).expecting(writers.victims());
      var missing = new Reckoning(truth, ledger).missing();
      if (missing.isEmpty()) {
        site.diary().say("everything committed has arrived or is a dead letter, " + when);
        return true;
      }
      long now = ledger.delivered();
      if (now != before) {
        before = now;
        movedAt = System.nanoTime();
      } else if (System.nanoTime() - movedAt > PATIENCE.toNanos()) {
        site.diary().found("missing %s: %s".formatted(when, missing));
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN_LOOKS);
    }
  }
}

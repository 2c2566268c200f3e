package io.outboxrelay.chaos;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How often the relays had reason to publish something again, and how much that may have been.
 *
 * <p>A term that does not end in good order leaves behind what was in flight, at most {@code
 * relay.read-ahead} and a page, and what was confirmed since the last checkpoint: as many as were
 * published within {@code relay.checkpoint-interval}, 100 ms, for which the most that ever arrived
 * within twice that time is taken. A server that is killed may lose the checkpoints of its last 0.6
 * s, which nobody waits for. A publisher that lost its broker has as much in flight, and so has one
 * whose channel the broker closed because of an event.
 *
 * @param terms of leading
 */
record RepeatBound(long terms, List<PlannedFault> schedule, int rejected) {
  private static final Set<FaultTarget> OF_THE_BROKER =
      Set.of(FaultTarget.BROKER, FaultTarget.BROKER_LINK, FaultTarget.DESTINATION);
  private static final int UNNOTED_MILLIS = 600;

  private long count(Predicate<PlannedFault> which) {
    return schedule.stream().filter(which).count();
  }

  long mostRepeats(ArrivalLog ledger) {
    long breaks = terms + rejected + count(fault -> OF_THE_BROKER.contains(fault.kind().area()));
    long kills = count(fault -> fault.kind() == FaultKind.DATABASE_KILLED);
    return breaks * (ChaosEnvironment.READ_AHEAD + ChaosEnvironment.PAGE + ledger.peak())
        + kills * ledger.peak() * UNNOTED_MILLIS / ArrivalLog.WINDOW_MILLIS;
  }

  /** Finds more repeats than there may be. */
  void bound(ArrivalLog ledger, RunLog runLog) {
    long most = mostRepeats(ledger);
    if (ledger.repeated() > most) {
      runLog.found(
          "%d events were repeated, and at most %d can be explained"
              .formatted(ledger.repeated(), most));
    }
  }
}

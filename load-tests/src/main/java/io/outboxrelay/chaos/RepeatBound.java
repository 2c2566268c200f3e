package io.outboxrelay.chaos;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The upper bound on the events that the relays may have published again.
 *
 * <p>A term that is cut short repeats the events in flight, at most {@code relay.read-ahead} and a
 * page, and the events confirmed since the last checkpoint, which are those of {@code
 * relay.checkpoint-interval}, 100 ms. For those the highest number of arrivals within 200 ms is
 * taken. A killed database can lose the checkpoints of its last 0.6 s, because the relay does not
 * wait for their flush. A publisher that loses its broker can repeat as many events, and so can a
 * publisher that loses its channel because the broker closed it for a rejected event.
 *
 * @param terms the number of terms of leadership
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

  /** Reports a finding if there were more repeats than the bound allows. */
  void bound(ArrivalLog ledger, RunLog runLog) {
    long most = mostRepeats(ledger);
    if (ledger.repeated() > most) {
      runLog.found(
          "%d events were repeated, and at most %d can be explained"
              .formatted(ledger.repeated(), most));
    }
  }
}

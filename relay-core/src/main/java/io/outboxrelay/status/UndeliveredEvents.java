package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.pause.Pauses;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The events that stay undelivered while others are delivered, and the pauses in force.
 *
 * @param parked the number of parked aggregates
 * @param pauses the pauses in force
 * @param differences the differences between the delivered events and the events in the outbox
 */
public record UndeliveredEvents(
    long parked, PausesInForce pauses, AccountDifferences.Summary differences) {
  /** No undelivered event is known. */
  public static final UndeliveredEvents NONE =
      new UndeliveredEvents(0, PausesInForce.NONE, AccountDifferences.Summary.NONE);

  /**
   * The pauses that operators have ordered.
   *
   * @param ofAll the reason and the age of a pause of everything; empty if there is none
   * @param ofSome a sentence about each other pause, by the paused destination or pattern of
   *     destinations, in order
   */
  public record PausesInForce(Optional<OngoingProblem.Observed> ofAll, Map<String, String> ofSome) {
    /** No pause. */
    public static final PausesInForce NONE = new PausesInForce(Optional.empty(), Map.of());

    /** Converts {@code pauses}; the age of a pause of everything is measured now. */
    public static PausesInForce of(Pauses pauses) {
      var ofAll =
          pauses
              .ofAll()
              .map(
                  pause ->
                      new OngoingProblem.Observed(
                          "everything is " + pause.sentence(),
                          Duration.between(pause.since().toInstant(), Instant.now())));
      var ofSome = new LinkedHashMap<String, String>();
      pauses.list().stream()
          .filter(pause -> !pause.isOfAll())
          .forEach(pause -> ofSome.put(pause.destination(), pause.sentence()));
      return new PausesInForce(ofAll, ofSome);
    }
  }

  /** Returns these events with {@code found} as the pauses in force. */
  UndeliveredEvents with(PausesInForce found) {
    return new UndeliveredEvents(parked, found, differences);
  }
}

package io.outboxrelay.status;

import io.outboxrelay.health.OngoingProblem;
import java.util.Map;
import java.util.Optional;

/**
 * The problems that keep a leader from publishing.
 *
 * @param broker the problem because of which the leader can publish nothing; empty if there is none
 * @param event the problem of an event that cannot be published while others may be; empty if there
 *     is none
 * @param openBreakers the destinations with an open circuit breaker, each with the reason
 */
public record DeliveryProblems(
    Optional<OngoingProblem.Observed> broker,
    Optional<OngoingProblem.Observed> event,
    Map<String, String> openBreakers) {
  /** No problem is known. */
  public static final DeliveryProblems NONE =
      new DeliveryProblems(Optional.empty(), Optional.empty(), Map.of());

  /** Returns true if no problem is known. */
  boolean isEmpty() {
    return broker.isEmpty() && event.isEmpty() && openBreakers.isEmpty();
  }
}

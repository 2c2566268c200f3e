package io.outboxrelay.status;

import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.status.UndeliveredEvents.PausesInForce;
import java.util.List;
import java.util.Optional;

/**
 * The facts from which the status is derived. A running relay has all of them; a command has only
 * the facts in the database. An unknown fact is empty, and no conclusion is drawn from it.
 *
 * @param phase the phase of the relay; {@link Phase#ASKED} if the facts come from the database only
 * @param database the reason why the database cannot be used now; empty if it can be used
 * @param shards all shards, in order
 * @param problems the problems that keep the leaders from publishing
 * @param sessions the sessions that keep the relays from reading events or from leading shards
 * @param undelivered the events that stay undelivered while others are delivered
 */
public record StatusInputs(
    Phase phase,
    Optional<OngoingProblem.Observed> database,
    List<ShardObservation> shards,
    DeliveryProblems problems,
    OtherSessions sessions,
    UndeliveredEvents undelivered) {

  /** The phase of a relay. */
  public enum Phase {
    STARTING,
    RUNNING,
    STOPPING,
    /** No relay runs in this process; the facts come from the database. */
    ASKED
  }

  /** Returns inputs with the phase only. */
  public static StatusInputs of(Phase phase) {
    return of(phase, List.of());
  }

  /** Returns inputs with the phase and the shards only. */
  public static StatusInputs of(Phase phase, List<ShardObservation> shards) {
    return new StatusInputs(
        phase,
        Optional.empty(),
        shards,
        DeliveryProblems.NONE,
        OtherSessions.NONE,
        UndeliveredEvents.NONE);
  }

  /** Returns these inputs with the operators' pauses. */
  public StatusInputs withPauses(PausesInForce found) {
    return with(undelivered.with(found));
  }

  /** Returns these inputs with other undelivered events. */
  public StatusInputs with(UndeliveredEvents found) {
    return new StatusInputs(phase, database, shards, problems, sessions, found);
  }
}

package io.outboxrelay.status;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of how the relay gets on: all of it to a running relay, and what the database tells
 * to whoever only asks that. What is not known is empty, and nothing is concluded from it.
 *
 * @param phase what the relay is about; {@link Phase#ASKED} where the database alone was asked
 * @param database why the database is of no use now
 * @param shards all there are, in order
 * @param lockWaits of this outbox's relays
 * @param transactions that have been open for long
 * @param broker why nothing can be published
 * @param event one that cannot be published while others may
 * @param closed destinations that take nothing while others do, with the reason
 * @param parked how many aggregates are parked
 * @param pause why and since when everything is paused
 */
public record StatusInputs(
    Phase phase,
    Optional<Ailment> database,
    List<ShardObservation> shards,
    List<LockWait> lockWaits,
    List<OpenTransaction> transactions,
    Optional<Ailment> broker,
    Optional<Ailment> event,
    Map<String, String> closed,
    long parked,
    Optional<Ailment> pause) {

  /** What a relay is about. */
  public enum Phase {
    STARTING,
    RUNNING,
    STOPPING,
    /** There is none here: the database was asked. */
    ASKED
  }

  /**
   * Something that goes wrong.
   *
   * @param what a sentence without its full stop
   * @param age since when
   */
  public record Ailment(String what, Duration age) {}

  /** Nothing is known yet. */
  public static StatusInputs of(Phase phase) {
    return new StatusInputs(
        phase,
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        0,
        Optional.empty());
  }

  /** The same where somebody has paused everything. */
  public StatusInputs withPause(Optional<Ailment> all) {
    return new StatusInputs(
        phase, database, shards, lockWaits, transactions, broker, event, closed, parked, all);
  }
}

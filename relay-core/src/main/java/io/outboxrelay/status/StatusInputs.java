package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.outbox.ForeignLock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The facts from which the status is derived. A running relay knows all of them; a command knows
 * only the ones in the database. An unknown fact is empty, and no conclusion is drawn from it.
 *
 * @param phase the phase of the relay; {@link Phase#ASKED} if only the database was asked
 * @param database the reason for which the database cannot be used now
 * @param shards all shards, in order
 * @param lockWaits of this outbox's relays
 * @param transactions that have been open for long
 * @param broker the reason for which nothing can be published
 * @param event an event that cannot be published while others may be
 * @param openBreakers the destinations with an open circuit breaker, with the reasons
 * @param parked the number of parked aggregates
 * @param pause why and since when everything is paused
 * @param differences between the events that were delivered and those in the outbox
 * @param foreignLocks locks of this outbox that sessions hold which are no relays
 */
public record StatusInputs(
    Phase phase,
    Optional<Ailment> database,
    List<ShardObservation> shards,
    List<LockWait> lockWaits,
    List<OpenTransaction> transactions,
    Optional<Ailment> broker,
    Optional<Ailment> event,
    Map<String, String> openBreakers,
    long parked,
    Optional<Ailment> pause,
    AccountDifferences.Summary differences,
    List<ForeignLock> foreignLocks) {

  /** Creates inputs without differences of the account. */
  public StatusInputs(
      Phase phase,
      Optional<Ailment> database,
      List<ShardObservation> shards,
      List<LockWait> lockWaits,
      List<OpenTransaction> transactions,
      Optional<Ailment> broker,
      Optional<Ailment> event,
      Map<String, String> openBreakers,
      long parked,
      Optional<Ailment> pause) {
    this(
        phase,
        database,
        shards,
        lockWaits,
        transactions,
        broker,
        event,
        openBreakers,
        parked,
        pause,
        AccountDifferences.Summary.NONE,
        List.of());
  }

  /** The phase of a relay. */
  public enum Phase {
    STARTING,
    RUNNING,
    STOPPING,
    /** No relay runs here; the database was asked. */
    ASKED
  }

  /**
   * A current failure and how long it has lasted.
   *
   * @param what a sentence without its full stop
   * @param age how long it has lasted
   */
  public record Ailment(String what, Duration age) {}

  /** Returns inputs with the phase only. */
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

  /** Returns these inputs with the pause of everything. */
  public StatusInputs withPause(Optional<Ailment> all) {
    return new StatusInputs(
        phase,
        database,
        shards,
        lockWaits,
        transactions,
        broker,
        event,
        openBreakers,
        parked,
        all,
        differences,
        foreignLocks);
  }

  /** Returns these inputs with the differences of the account. */
  public StatusInputs withDifferences(AccountDifferences.Summary found) {
    return new StatusInputs(
        phase,
        database,
        shards,
        lockWaits,
        transactions,
        broker,
        event,
        openBreakers,
        parked,
        pause,
        found,
        foreignLocks);
  }

  /** Returns these inputs with the locks of sessions that are no relays. */
  public StatusInputs withForeignLocks(List<ForeignLock> found) {
    return new StatusInputs(
        phase,
        database,
        shards,
        lockWaits,
        transactions,
        broker,
        event,
        openBreakers,
        parked,
        pause,
        differences,
        found);
  }
}

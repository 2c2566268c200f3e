package io.outboxrelay.breaker;

import io.outboxrelay.pause.Pauses;
import java.util.Collection;

/**
 * Tells for which destinations events must be deferred, because the circuit breaker of the
 * destination is open or operators have paused it. A paused destination is never tried.
 *
 * <p>One instance serves all partitions of a term. Safe for all threads.
 */
public final class DestinationGate {
  private final DestinationBreakers breakers;
  private volatile Runnable onChange = () -> {};
  private volatile Pauses pauses = Pauses.NONE;

  public DestinationGate(DestinationBreakers breakers) {
    this.breakers = breakers;
  }

  /** Returns the circuit breakers, to which the outcome of each event is reported. */
  public DestinationBreakers breakers() {
    return breakers;
  }

  /** Sets the action to call, on any thread, if a breaker opens or closes or the pauses change. */
  public void onChange(Runnable action) {
    onChange = action;
    breakers.onChange(action);
  }

  /**
   * Replaces the set of paused destinations. Events for paused destinations are deferred from now
   * on. If a destination is no longer paused, its deferred events may be redelivered.
   */
  public void pause(Pauses paused) {
    if (!pauses.equals(paused)) {
      pauses = paused;
      onChange.run();
    }
  }

  /**
   * Returns true if no event must be deferred, so that single destinations need not be looked up.
   */
  public boolean passesAll() {
    return breakers.areAllHealthy() && !pauses.areOfSome();
  }

  /** Returns true if events for the destination must be deferred. */
  public boolean mustDefer(String destination) {
    return breakers.isOpen(destination) || isPaused(destination);
  }

  /** Returns why events for the destination are deferred, as a sentence. */
  public String reason(String destination) {
    return pauses
        .of(destination)
        .map(
            pause ->
                "the destination is " + pause.sentence() + "; to be published once it is resumed")
        .orElseGet(() -> breakers.reason(destination));
  }

  /**
   * Returns the destinations that must not be tried now, and the destinations that may be tried
   * with one event.
   */
  public DestinationFilter filter() {
    var now = pauses;
    return breakers.filter(destination -> now.of(destination).isEmpty(), now.likePatterns());
  }

  /**
   * Passes the destinations that are not paused to {@link DestinationBreakers#tryOthers}.
   *
   * @param awaited the destinations of events after the read-ahead
   */
  public void tryOthers(Collection<String> awaited) {
    breakers.tryOthers(awaited.stream().filter(destination -> !isPaused(destination)).toList());
  }

  private boolean isPaused(String destination) {
    return pauses.of(destination).isPresent();
  }
}

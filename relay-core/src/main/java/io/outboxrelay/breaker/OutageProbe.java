package io.outboxrelay.breaker;

import java.util.Set;

/**
 * Finds out if the broker is unavailable or only some destinations are. The breakers of the failing
 * destinations are opened, so that their events are deferred, until an event for another
 * destination is handed to the publisher. If this event fails, too, the broker counts as
 * unavailable.
 *
 * <pre>
 *   SEEKING ── another's event is handed over ──▶ WAITING ── it fails ──▶ LOST
 *      ▲                                             │
 *      └──────────── the broker rejects it ──────────┘
 * </pre>
 *
 * <p>Any confirm ends the probe. If another destination confirms before the probe is lost, the
 * breakers were opened rightly; otherwise they close again.
 *
 * <p>Guarded by its {@link DestinationBreakers}.
 */
final class OutageProbe {
  private final Set<String> suspects;
  private final Set<String> known;
  private State state = State.SEEKING;

  private enum State {
    SEEKING,
    WAITING,
    LOST
  }

  /**
   * @param suspects destinations with a breaker that the probe has opened
   * @param known destinations with failures known before the probe, including the suspects
   */
  OutageProbe(Set<String> suspects, Set<String> known) {
    this.suspects = Set.copyOf(suspects);
    this.known = Set.copyOf(known);
  }

  /** Returns the destinations with a breaker that the probe has opened. */
  Set<String> suspects() {
    return suspects;
  }

  /**
   * Returns true if events for the destination are let through although its breaker is open. This
   * is so in WAITING, because otherwise the number of deferred events would have no bound, and in
   * LOST, because the breaker was opened wrongly.
   */
  boolean letsThrough(String destination) {
    return state != State.SEEKING && suspects.contains(destination);
  }

  boolean isLost() {
    return state == State.LOST;
  }

  void handedOver(String destination) {
    if (state == State.SEEKING && isOther(destination)) {
      state = State.WAITING;
    }
  }

  /**
   * Returns to SEEKING after a rejection. A rejection proves nothing about the broker, because the
   * publisher may have rejected the event without sending it to the broker.
   */
  void rejected(String destination) {
    if (state == State.WAITING && isOther(destination)) {
      state = State.SEEKING;
    }
  }

  void failed(String destination) {
    if (isOther(destination)) {
      state = State.LOST;
    }
  }

  /** Returns true if a confirm for the destination shows that the breakers were opened rightly. */
  boolean isWonBy(String destination) {
    return state != State.LOST && isOther(destination);
  }

  private boolean isOther(String destination) {
    return !known.contains(destination);
  }
}

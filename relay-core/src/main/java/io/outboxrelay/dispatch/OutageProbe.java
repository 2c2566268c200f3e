package io.outboxrelay.dispatch;

import java.util.Set;

/**
 * A doubt whether others take their events, where nobody has confirmed anything, and the way to an
 * answer: what fails is set aside until an event of another destination comes, and what becomes of
 * that one says whether the trouble is everybody's.
 *
 * <pre>
 *   SEEKING ── another's event is handed over ──▶ ASKED ── it fails ──▶ LOST
 *      ▲                                            │
 *      └───────────── the broker rejects it ────────┘
 * </pre>
 *
 * It is over, whatever its state, once anything is confirmed: by another destination, and they were
 * closed rightly; otherwise, or where it was lost before, it was everybody's trouble.
 *
 * <p>Guarded by the {@link DestinationBreakers} it belongs to.
 */
final class OutageProbe {
  private final Set<String> closed;
  private final Set<String> known;
  private State state = State.SEEKING;

  private enum State {
    SEEKING,
    ASKED,
    LOST
  }

  /**
   * @param closed those that it has closed
   * @param known those whose failure says nothing new, with those above
   */
  OutageProbe(Set<String> closed, Set<String> known) {
    this.closed = Set.copyOf(closed);
    this.known = Set.copyOf(known);
  }

  Set<String> closed() {
    return closed;
  }

  /**
   * Whether events for it are let through all the same: while the answer is waited for, as what is
   * set aside meanwhile would have no bound, and once there was the wrong one.
   */
  boolean lets(String destination) {
    return state != State.SEEKING && closed.contains(destination);
  }

  boolean isLost() {
    return state == State.LOST;
  }

  void handedOver(String destination) {
    if (state == State.SEEKING && isOther(destination)) {
      state = State.ASKED;
    }
  }

  /** The broker may never have seen it. */
  void rejected(String destination) {
    if (state == State.ASKED && isOther(destination)) {
      state = State.SEEKING;
    }
  }

  void failed(String destination) {
    if (isOther(destination)) {
      state = State.LOST;
    }
  }

  /** Whether a confirm for it shows that those closed were closed rightly. */
  boolean isWonBy(String destination) {
    return state != State.LOST && isOther(destination);
  }

  private boolean isOther(String destination) {
    return !known.contains(destination);
  }
}

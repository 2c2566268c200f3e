package io.outboxrelay.chaos;

import java.util.Random;

/**
 * One thing that goes wrong.
 *
 * @param at when, in milliseconds from the start
 * @param lasts how long, in milliseconds
 * @param relay which relay it befalls, from 1; {@link #LEADER} for whichever leads when it happens,
 *     {@link #EVERY} for all of them and for what is not a relay's own
 * @param seed of everything else that is left to chance
 */
record PlannedFault(int number, FaultKind kind, int at, int lasts, int relay, long seed) {
  static final int EVERY = 0;
  static final int LEADER = -1;

  int until() {
    return at + lasts;
  }

  /** The same choices each time it is asked for. */
  Random random() {
    return new Random(seed);
  }

  boolean meets(PlannedFault other) {
    boolean sameThing =
        kind.area() == other.kind.area()
            && !kind.area().ofEachFault()
            && (relay == other.relay || relay <= EVERY || other.relay <= EVERY);
    return sameThing && at <= other.until() && other.at <= until();
  }

  /** The same, of this relay. */
  PlannedFault of(int relay) {
    return new PlannedFault(number, kind, at, lasts, relay, seed);
  }

  /** Whether a relay's process ends by it. */
  boolean endsRelay() {
    return kind == FaultKind.RELAY_KILLED || kind == FaultKind.RELAY_RESTARTED;
  }

  @Override
  public String toString() {
    String time = lasts == 0 ? "" : ", %.1f s".formatted(lasts / 1000.0);
    return "fault %d, %s%s%s".formatted(number, whom(), kind.words(), time);
  }

  private String whom() {
    if (!kind.area().ofEachRelay()) {
      return "";
    }
    return switch (relay) {
      case EVERY -> "every relay: ";
      case LEADER -> "the leader: ";
      default -> "relay " + relay + ": ";
    };
  }
}

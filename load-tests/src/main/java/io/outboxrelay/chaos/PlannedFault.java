package io.outboxrelay.chaos;

import java.util.Locale;
import java.util.Random;

/**
 * One planned fault.
 *
 * @param at the time in milliseconds from the start of the run
 * @param lasts the duration in milliseconds
 * @param relay the targeted relay, from 1; {@link #LEADER} for the leader at that time, {@link
 *     #EVERY} for all relays and for faults that target no relay
 * @param seed the seed for all other random choices of the fault
 */
record PlannedFault(int number, FaultKind kind, int at, int lasts, int relay, long seed) {
  static final int EVERY = 0;
  static final int LEADER = -1;

  int until() {
    return at + lasts;
  }

  /** Returns a new generator, which gives equal choices at each call. */
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

  /** Returns this fault with another target relay. */
  PlannedFault of(int relay) {
    return new PlannedFault(number, kind, at, lasts, relay, seed);
  }

  /** Returns true if the fault ends a relay's process. */
  boolean endsRelay() {
    return kind == FaultKind.RELAY_KILLED || kind == FaultKind.RELAY_RESTARTED;
  }

  @Override
  public String toString() {
    String time = lasts == 0 ? "" : String.format(Locale.ROOT, ", %.1f s", lasts / 1000.0);
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

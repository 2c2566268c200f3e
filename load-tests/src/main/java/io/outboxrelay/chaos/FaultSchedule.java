package io.outboxrelay.chaos;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * All faults of a run, computed from its seed before it begins.
 *
 * <p>Faults come in groups of one to four that may overlap, with a pause of some seconds between
 * groups. Kinds are taken from a shuffled list, so that a long run contains all of them.
 */
final class FaultSchedule {
  private static final int FIRST_AT = 3_000;

  /**
   * In a short run no fault lasts longer than this fraction of the run, unless its shortest
   * duration is longer.
   */
  private static final int SHARE = 8;

  private final Random random;
  private final int relays;
  private final int shards;
  private final int length;
  private final Deque<FaultKind> pack = new ArrayDeque<>();
  private final List<PlannedFault> faults = new ArrayList<>();

  private FaultSchedule(long seed, Duration length, int relays, int shards) {
    this.random = new Random(seed);
    this.length = Math.toIntExact(length.toMillis());
    this.relays = relays;
    this.shards = shards;
  }

  /** Returns the faults ordered by time. Equal arguments give equal lists. */
  static List<PlannedFault> of(long seed, Duration length, int relays, int shards) {
    var schedule = new FaultSchedule(seed, length, relays, shards);
    schedule.draw();
    return schedule.faults.stream().sorted(Comparator.comparingInt(PlannedFault::at)).toList();
  }

  private void draw() {
    int at = FIRST_AT;
    while (at < length) {
      at = storm(at) + 1_000 + random.nextInt(6_000);
    }
  }

  /**
   * Adds a group of faults from {@code at} on; returns the time at which the last of them is over.
   */
  private int storm(int at) {
    int count = List.of(1, 1, 1, 1, 2, 2, 2, 3, 3, 4).get(random.nextInt(10));
    int over = at;
    for (int i = 0; i < count; i++) {
      var fault = fault(at + (i == 0 ? 0 : random.nextInt(3_000)));
      if (fault.until() < length && faults.stream().noneMatch(fault::meets)) {
        faults.add(fault);
        over = Math.max(over, fault.until());
      }
    }
    return over;
  }

  private PlannedFault fault(int at) {
    var kind = kind();
    int most = Math.max(kind.leastMillis(), Math.min(kind.mostMillis(), length / SHARE));
    int lasts = kind.leastMillis() + random.nextInt(most - kind.leastMillis() + 1);
    return new PlannedFault(faults.size() + 1, kind, at, lasts, relay(kind), random.nextLong());
  }

  private FaultKind kind() {
    if (pack.isEmpty()) {
      var cards = new ArrayList<FaultKind>();
      for (var kind : FaultKind.values()) {
        if (shards > 1 || kind != FaultKind.SHARDS_CHANGED) {
          cards.addAll(Collections.nCopies(kind.weight(), kind));
        }
      }
      Collections.shuffle(cards, random);
      pack.addAll(cards);
    }
    return pack.remove();
  }

  /**
   * Chooses the relay: half of the faults target the leader and a fifth all relays. A fault that
   * ends a process never targets all relays, and never the last one, because only a relay that runs
   * to the end can show a leak.
   */
  private int relay(FaultKind kind) {
    boolean ends = kind == FaultKind.RELAY_KILLED || kind == FaultKind.RELAY_RESTARTED;
    int chance = random.nextInt(10);
    int one = 1 + random.nextInt(Math.max(1, ends ? relays - 1 : relays));
    boolean onlyOne = ends || kind == FaultKind.BROKER_CUT_OFF;
    if (!kind.area().ofEachRelay() || (chance < 2 && !onlyOne)) {
      return PlannedFault.EVERY;
    }
    return chance < 7 ? PlannedFault.LEADER : one;
  }
}

package io.outboxrelay.window;

import java.util.ArrayList;
import java.util.List;

/**
 * Remembers fences. A window computes from them the sequence number at which its scan must start so
 * that it misses no late commit.
 *
 * <p>If there are more than 1,024 fences, every second fence of the older half is dropped. A scan
 * that needs a dropped fence starts at the fence before it, and therefore takes longer.
 */
final class Fences {
  private static final int MOST = 1024;

  private List<Fence> fences = new ArrayList<>();

  /** Creates the fences of a reader that finds nothing new at or below {@code floor}. */
  Fences(long floor) {
    fences.add(new Fence(0, floor));
  }

  int size() {
    return fences.size();
  }

  /** Returns the highest sequence number at or below which no new event can appear any more. */
  long floor() {
    return fences.get(0).top();
  }

  /**
   * Adds a fence that was read after a window's snapshot. If the newest fence has the same
   * transaction id, it is replaced. That happens while no transaction takes an id.
   *
   * @param fence the fence; its {@code top} is the highest sequence number that was seen in that
   *     window or before
   */
  void add(Fence fence) {
    int newest = fences.size() - 1;
    if (newest > 0 && fences.get(newest).xid() == fence.xid()) {
      fences.remove(newest);
    }
    fences.add(fence);
    if (fences.size() > MOST) {
      thin();
    }
  }

  /** Removes the fences that only transactions below {@code xmin} need. */
  void prune(long xmin) {
    int needless = 0;
    while (needless + 1 < fences.size() && fences.get(needless + 1).xid() <= xmin) {
      needless++;
    }
    fences.subList(0, needless).clear();
  }

  /** Returns a sequence number; all events of the transaction {@code xid} are above it. */
  long startFor(long xid) {
    for (int i = fences.size() - 1; i > 0; i--) {
      if (fences.get(i).xid() <= xid) {
        return fences.get(i).top();
      }
    }
    return floor();
  }

  /**
   * Returns the oldest fence with a sequence number at or above {@code seq}; {@code orElse} if
   * there is none.
   */
  Fence lowestFrom(long seq, Fence orElse) {
    for (int i = fences.size() - 1; i >= 0; i--) {
      if (fences.get(i).top() < seq) {
        return i + 1 < fences.size() ? fences.get(i + 1) : orElse;
      }
    }
    return fences.get(0);
  }

  /** Drops every second fence of the older half and keeps all of the newer half. */
  private void thin() {
    var kept = new ArrayList<Fence>(MOST);
    int half = fences.size() / 2;
    for (int i = 0; i < fences.size(); i++) {
      if (i >= half || i % 2 == 0) {
        kept.add(fences.get(i));
      }
    }
    fences = kept;
  }
}

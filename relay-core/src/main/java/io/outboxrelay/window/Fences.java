package io.outboxrelay.window;

import java.util.ArrayList;
import java.util.List;

/**
 * Remembers which sequence numbers were the highest when: every transaction with the id of a fence
 * or a higher one was given it after the fence's snapshot, so its sequence numbers are above the
 * highest seen then.
 *
 * <p>Tells a window where its scan may start without missing a late commit. Memory is bounded: an
 * older fence is always right in the place of a newer one, only its scan is longer.
 */
final class Fences {
  private static final int MOST = 1024;

  private List<Fence> fences = new ArrayList<>();

  /**
   * Every transaction with the id {@code xid} or a higher one has only sequence numbers above
   * {@code top}.
   */
  record Fence(long xid, long top) {}

  /** Begins where nothing at or below {@code floor} can be new. */
  Fences(long floor) {
    fences.add(new Fence(0, floor));
  }

  int size() {
    return fences.size();
  }

  /** The highest sequence number below which nothing can be new any more. */
  long floor() {
    return fences.get(0).top;
  }

  /**
   * Adds a fence read after a window's snapshot. One with the id of the fence before takes its
   * place: while no transaction begins, the next id stays what it is.
   *
   * @param top the highest sequence number seen in that window or before
   */
  void add(long xid, long top) {
    int newest = fences.size() - 1;
    if (newest > 0 && fences.get(newest).xid == xid) {
      fences.remove(newest);
    }
    fences.add(new Fence(xid, top));
    if (fences.size() > MOST) {
      thin();
    }
  }

  /** Forgets what no transaction at or above {@code xmin} can need. */
  void prune(long xmin) {
    int needless = 0;
    while (needless + 1 < fences.size() && fences.get(needless + 1).xid <= xmin) {
      needless++;
    }
    fences.subList(0, needless).clear();
  }

  /** Above which sequence number the events of transaction {@code xid} stand. */
  long startFor(long xid) {
    for (int i = fences.size() - 1; i > 0; i--) {
      if (fences.get(i).xid <= xid) {
        return fences.get(i).top;
      }
    }
    return floor();
  }

  /** The oldest fence that stands at {@code seq} or above it; {@code orElse} where none does. */
  Fence lowestFrom(long seq, Fence orElse) {
    for (int i = fences.size() - 1; i >= 0; i--) {
      if (fences.get(i).top < seq) {
        return i + 1 < fences.size() ? fences.get(i + 1) : orElse;
      }
    }
    return fences.get(0);
  }

  /** Drops every second fence of the older half, so the newest stay dense. */
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

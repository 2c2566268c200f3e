package io.outboxrelay.window;

import io.outboxrelay.publish.OutboxEvent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which sequence numbers below the highest one were never seen. They belong to
 * transactions that still run or were rolled back. A late commit can add events only with unseen
 * numbers, so a scan for late events can skip all other numbers.
 *
 * <p>The ranges only limit the scan. They may include numbers that were seen, but never leave out
 * an unseen one. Memory is bounded: if there are too many ranges, neighbours are joined.
 */
final class UnseenNumbers {
  /** A range of numbers, both ends included. */
  record Range(long first, long last) {}

  private final TreeMap<Long, Long> ranges = new TreeMap<>();
  private final long shortest;
  private final int most;
  private long top;

  /**
   * Creates the set of a reader that has read up to {@code top} and does not know which numbers
   * above {@code floor} it saw.
   *
   * @param shortest two ranges are scanned as one if fewer numbers than this lie between them
   * @param most the most ranges to remember
   */
  UnseenNumbers(long floor, long top, long shortest, int most) {
    this.top = top;
    this.shortest = shortest;
    this.most = most;
    if (floor < top) {
      ranges.put(floor + 1, top);
    }
  }

  int size() {
    return ranges.size();
  }

  /** Returns the highest number seen; all numbers above it are unseen. */
  long top() {
    return top;
  }

  /** Records that these events were read. */
  void saw(List<OutboxEvent> events) {
    for (var event : events) {
      saw(event.seq());
    }
    joinToBound();
  }

  void saw(long number) {
    if (number == top + 1) {
      top = number;
    } else if (number > top) {
      ranges.put(top + 1, number - 1);
      top = number;
    } else {
      remove(number);
    }
  }

  /** Makes the numbers above {@code floor} and up to {@code last} unseen again. */
  void forget(long floor, long last) {
    long first = floor + 1;
    long end = Math.min(last, top);
    if (first > end) {
      return;
    }
    var below = ranges.floorEntry(first);
    if (below != null && below.getValue() >= floor) {
      first = below.getKey();
      end = Math.max(end, below.getValue());
    }
    var within = ranges.subMap(first, true, end + 1, true);
    for (long endOfRange : within.values()) {
      end = Math.max(end, endOfRange);
    }
    within.clear();
    ranges.put(first, end);
  }

  private void remove(long number) {
    var range = ranges.floorEntry(number);
    if (range == null || range.getValue() < number) {
      return;
    }
    long first = range.getKey();
    long last = range.getValue();
    ranges.remove(first);
    if (first < number) {
      ranges.put(first, number - 1);
    }
    if (number < last) {
      ranges.put(number + 1, last);
    }
  }

  /** Forgets the numbers at or below {@code floor}, because no new event can have them. */
  void prune(long floor) {
    var lowest = ranges.firstEntry();
    while (lowest != null && lowest.getValue() <= floor) {
      ranges.pollFirstEntry();
      lowest = ranges.firstEntry();
    }
  }

  /**
   * Returns the next range to scan above {@code position}; null if all numbers from there to the
   * highest one were seen. Ranges that lie close together are returned as one range.
   */
  @Nullable Range nextAbove(long position) {
    var next = ranges.floorEntry(position + 1);
    if (next == null || next.getValue() <= position) {
      next = ranges.higherEntry(position);
    }
    if (next == null) {
      return null;
    }
    long first = Math.max(next.getKey(), position + 1);
    long last = next.getValue();
    for (Map.Entry<Long, Long> range : ranges.tailMap(last, false).entrySet()) {
      if (range.getKey() - last > shortest) {
        break;
      }
      last = range.getValue();
    }
    return new Range(first, last);
  }

  /** Joins ranges until at most as many are left as may be remembered. */
  void joinToBound() {
    while (ranges.size() > most) {
      joinNeighbours();
    }
  }

  /** Joins the first range with the second one, the third with the fourth, and so on. */
  private void joinNeighbours() {
    var joined = new TreeMap<Long, Long>();
    var each = ranges.entrySet().iterator();
    while (each.hasNext()) {
      var range = each.next();
      long first = range.getKey();
      joined.put(first, each.hasNext() ? each.next().getValue() : range.getValue());
    }
    ranges.clear();
    ranges.putAll(joined);
  }
}

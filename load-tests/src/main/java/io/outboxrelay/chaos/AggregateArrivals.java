package io.outboxrelay.chaos;

import java.util.Arrays;

/** The versions of one aggregate that have arrived. */
final class AggregateArrivals {
  private long[] ids = new long[64];
  private int highest;

  /**
   * Returns the highest version that has arrived. Every version below it has arrived too, or was
   * reported as missing.
   */
  int highest() {
    return highest;
  }

  boolean has(int version) {
    return version < ids.length && ids[version] != 0;
  }

  /** Returns true if this version arrived before with the id {@code id}. */
  boolean isSame(int version, long id) {
    return ids[version] == id;
  }

  /** Records the first arrival of a version. */
  void add(int version, long id) {
    if (version >= ids.length) {
      ids = Arrays.copyOf(ids, Math.max(version + 1, ids.length * 2));
    }
    ids[version] = id;
    highest = Math.max(highest, version);
  }
}

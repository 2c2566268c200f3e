package io.outboxrelay.chaos;

import java.util.Arrays;

/** What has arrived of one aggregate. */
final class AggregateArrivals {
  private long[] ids = new long[64];
  private int highest;

  /** The highest version that has arrived; all below it have, or were found to be missing. */
  int highest() {
    return highest;
  }

  boolean has(int version) {
    return version < ids.length && ids[version] != 0;
  }

  /** Whether {@code id} is the one that came with this version before. */
  boolean isSame(int version, long id) {
    return ids[version] == id;
  }

  /** Notes the first arrival of a version. */
  void add(int version, long id) {
    if (version >= ids.length) {
      ids = Arrays.copyOf(ids, Math.max(version + 1, ids.length * 2));
    }
    ids[version] = id;
    highest = Math.max(highest, version);
  }
}

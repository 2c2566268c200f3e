package io.outboxrelay.testkit;

import java.util.Arrays;
import java.util.UUID;

/**
 * Records which versions of one aggregate have arrived at a consumer. The aggregate's events have
 * the versions 1, 2, 3 and so on in the order of their commits. The record therefore shows which
 * events are missing, repeated or out of order.
 */
public final class AggregateArrivals {
  private static final long NO_ID = 1;

  private long[] ids = new long[64];
  private int highest;
  private int arrived;

  /** The order of a message relative to the earlier messages of its aggregate. */
  public enum Arrival {
    /** The version after the highest one that had arrived. */
    NEXT,
    /**
     * A later version than the next one, so that the versions between them have not arrived yet.
     */
    AHEAD,
    /** A version that arrives for the first time, after a later version. */
    OVERTAKEN,
    /** A version that has arrived before, with the same id. */
    REPEATED,
    /** A version that has arrived before, with another id. */
    REPEATED_WITH_ANOTHER_ID
  }

  /** Records an arrival of a version, from 1, without an id. */
  public Arrival arrived(int version) {
    return arrived(version, NO_ID);
  }

  /** Records an arrival of a version, from 1, with the id of its event. */
  public Arrival arrived(int version, UUID id) {
    return arrived(version, id.getMostSignificantBits() | 1);
  }

  private Arrival arrived(int version, long id) {
    if (has(version)) {
      return ids[version] == id ? Arrival.REPEATED : Arrival.REPEATED_WITH_ANOTHER_ID;
    }
    int before = highest;
    add(version, id);
    if (version < before) {
      return Arrival.OVERTAKEN;
    }
    return version == before + 1 ? Arrival.NEXT : Arrival.AHEAD;
  }

  private void add(int version, long id) {
    if (version >= ids.length) {
      ids = Arrays.copyOf(ids, Math.max(version + 1, ids.length * 2));
    }
    ids[version] = id;
    arrived++;
    highest = Math.max(highest, version);
  }

  /** Returns true if this version has arrived. */
  public boolean has(int version) {
    return version < ids.length && ids[version] != 0;
  }

  /** Returns the highest version that has arrived; 0 if none has. */
  public int highest() {
    return highest;
  }

  /** Returns the number of versions that have not arrived although a later version has arrived. */
  public int skipped() {
    return highest - arrived;
  }

  /** Returns the number of versions from 1 to {@code last} that have not arrived. */
  public int missingUpTo(int last) {
    int missing = 0;
    for (int version = 1; version <= last; version++) {
      missing += has(version) ? 0 : 1;
    }
    return missing;
  }
}

package io.outboxrelay.wal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the rows that the open transaction has written, because the transaction may delete them
 * again.
 *
 * <p>Memory is bounded: if the transaction has more than 65,536 rows, the older ones are forgotten.
 */
final class RecentRows {
  private static final int FIRST_SIZE = 16;
  private static final int MOST = 1 << 16;

  private long[] seqs = new long[FIRST_SIZE];
  private long[] hashes = new long[FIRST_SIZE];
  private int size;
  private boolean isAscending = true;

  /** Forgets all rows. */
  void clear() {
    size = 0;
    isAscending = true;
  }

  /** Adds a row, with the hash with which the account counts the row's event. */
  void add(long seq, long hash) {
    if (size == seqs.length) {
      grow();
    }
    isAscending &= size == 0 || seqs[size - 1] < seq;
    seqs[size] = seq;
    hashes[size++] = hash;
  }

  private void grow() {
    if (size < MOST) {
      seqs = Arrays.copyOf(seqs, 2 * size);
      hashes = Arrays.copyOf(hashes, 2 * size);
    } else {
      int kept = size / 2;
      System.arraycopy(seqs, size - kept, seqs, 0, kept);
      System.arraycopy(hashes, size - kept, hashes, 0, kept);
      size = kept;
    }
  }

  /**
   * Forgets a row that was deleted, and returns its hash. Returns null if the transaction did not
   * write the row, or if the row was forgotten before.
   */
  @Nullable Long remove(long seq) {
    int at = isAscending ? Arrays.binarySearch(seqs, 0, size, seq) : last(seq);
    return at < 0 ? null : hashes[at];
  }

  private int last(long seq) {
    int at = size - 1;
    while (at >= 0 && seqs[at] != seq) {
      at--;
    }
    return at;
  }
}

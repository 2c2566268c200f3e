package io.outboxrelay.wal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the sequence number of each row that the open transaction has written, by the row's id.
 * If the transaction has more than 65,536 rows, the older rows are forgotten.
 */
final class RecentIds {
  private static final int MOST = 1 << 16;
  private static final long UNKNOWN = -1;

  private final Map<String, Long> seqs =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST;
        }
      };

  void clear() {
    seqs.clear();
  }

  void add(@Nullable String id, long seq) {
    if (id != null) {
      seqs.put(id, seq);
    }
  }

  /** Returns the sequence number of a row; -1 if the id is not known. */
  long seq(@Nullable String id) {
    return id == null ? UNKNOWN : seqs.getOrDefault(id, UNKNOWN);
  }
}

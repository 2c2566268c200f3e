package io.outboxrelay.status;

import io.outboxrelay.format.CountFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Formats phrases that occur in several sentences of the status. */
final class StatusFormat {
  private StatusFormat() {}

  /** Returns words such as {@code 1 event waits} or {@code about 12,000 events wait}. */
  static String waiting(long count, boolean isMore) {
    return (isMore ? "about " : "") + CountFormat.of(count, "event waits", "events wait");
  }

  /** Returns words such as {@code shard 2} or {@code shards 0, 3}. */
  static String shards(List<ShardObservation> some) {
    return (some.size() == 1 ? "shard " : "shards ")
        + some.stream()
            .map(shard -> Integer.toString(shard.shard()))
            .collect(Collectors.joining(", "));
  }
}

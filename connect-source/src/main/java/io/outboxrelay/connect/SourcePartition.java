package io.outboxrelay.connect;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import java.util.Map;

/**
 * The key under which Connect stores the offset of a shard.
 *
 * <p>The key has one entry, because Connect looks up an offset by the JSON text of the key, in
 * which the order of several entries would matter. It contains the number of shards, because with
 * another number a shard has other aggregates, so an old offset is not valid.
 */
final class SourcePartition {
  private static final String KEY = "shard";

  private SourcePartition() {}

  static Map<String, String> of(OutboxNames names, ShardKey share) {
    return Map.of(
        KEY, names.schema() + "." + names.table() + " " + share.shard() + "/" + share.of());
  }
}

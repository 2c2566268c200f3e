package io.outboxrelay.connect;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import java.util.Map;

/**
 * The key under which Connect stores the offset of a shard.
 *
 * <p>The key has only one entry. With several entries, their order would matter, because Connect
 * looks up an offset by the JSON text of the key. The key contains the number of shards, because an
 * offset is not valid for another number of shards: a shard then has other aggregates.
 */
final class SourcePartition {
  private static final String KEY = "shard";

  private SourcePartition() {}

  static Map<String, String> of(OutboxNames names, ShardKey share) {
    return Map.of(
        KEY, names.schema() + "." + names.table() + " " + share.shard() + "/" + share.of());
  }
}

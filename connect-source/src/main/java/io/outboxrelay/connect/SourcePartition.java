package io.outboxrelay.connect;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import java.util.Map;

/**
 * The name under which Connect stores the offset of a shard.
 *
 * <p>It holds one entry, because Connect finds an offset by the partition's JSON text, in which the
 * order of several entries would count. The number of shards is part of it: a shard of another
 * number holds other aggregates, so its offset means nothing here.
 */
final class SourcePartition {
  private static final String KEY = "shard";

  private SourcePartition() {}

  static Map<String, String> of(OutboxNames names, ShardKey share) {
    return Map.of(
        KEY, names.schema() + "." + names.table() + " " + share.shard() + "/" + share.of());
  }
}

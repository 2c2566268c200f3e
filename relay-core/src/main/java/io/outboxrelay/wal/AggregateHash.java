package io.outboxrelay.wal;

import io.outboxrelay.outbox.Lookup3;
import io.outboxrelay.outbox.ShardKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Computes the hash that divides the aggregates among the shards, equal to PostgreSQL's {@code
 * hashtextextended(text, 0)} on a little-endian server.
 *
 * <p>A caller must first compare this hash of {@link ShardKey#PROBE_TEXT} with the server's hash of
 * it.
 */
final class AggregateHash {
  private AggregateHash() {}

  /** Returns the number of the shard to which an aggregate belongs; see {@link ShardKey}. */
  static int shardOf(byte[] aggregateId, int shards) {
    return (int) (hash(aggregateId) & Integer.MAX_VALUE) % shards;
  }

  static long hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  static long hash(byte[] key) {
    var words = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
    var hash = new Lookup3(key.length);
    while (words.remaining() >= 12) {
      hash.mix(words.getInt(), words.getInt(), words.getInt());
    }
    int a = 0;
    int b = 0;
    int c = 0;
    for (int i = 0; words.hasRemaining(); i++) {
      int value = words.get() & 0xff;
      if (i < 4) {
        a += value << (8 * i);
      } else if (i < 8) {
        b += value << (8 * (i - 4));
      } else {
        // The lowest byte of this word stays free, because lookup3 adds the length there.
        c += value << (8 * (i - 7));
      }
    }
    return hash.end(a, b, c);
  }
}

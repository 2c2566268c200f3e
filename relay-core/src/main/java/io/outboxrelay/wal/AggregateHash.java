package io.outboxrelay.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Computes the hash that divides the aggregates among the shards, equal to PostgreSQL's {@code
 * hashtextextended(text, 0)} on a little-endian server.
 *
 * <p>The function is lookup3 by Bob Jenkins (2006, in the public domain) with PostgreSQL's initial
 * value. Compare {@link #PROBE} with the server's result before relying on it.
 */
final class AggregateHash {
  private static final int INITIAL = 0x9e3779b9 + 3923095;

  /** The server is asked for the hash of this text, to compare. */
  static final String PROBE = "outbox-relay";

  private AggregateHash() {}

  /** Returns the number of the shard to which an aggregate belongs; see {@code ShardKey}. */
  static int shardOf(byte[] aggregateId, int shards) {
    return (int) (hash(aggregateId) & Integer.MAX_VALUE) % shards;
  }

  static long hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  static long hash(byte[] key) {
    var words = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
    int a = INITIAL + key.length;
    int b = a;
    int c = a;
    while (words.remaining() >= 12) {
      a += words.getInt();
      b += words.getInt();
      c += words.getInt();
      a = (a - c) ^ Integer.rotateLeft(c, 4);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 6);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 8);
      b += a;
      a = (a - c) ^ Integer.rotateLeft(c, 16);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 19);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 4);
      b += a;
    }
    for (int i = 0; words.hasRemaining(); i++) {
      int value = words.get() & 0xff;
      if (i < 4) {
        a += value << (8 * i);
      } else if (i < 8) {
        b += value << (8 * (i - 4));
      } else {
        // The lowest byte is left out, because lookup3 reserves it for the length.
        c += value << (8 * (i - 7));
      }
    }
    c = (c ^ b) - Integer.rotateLeft(b, 14);
    a = (a ^ c) - Integer.rotateLeft(c, 11);
    b = (b ^ a) - Integer.rotateLeft(a, 25);
    c = (c ^ b) - Integer.rotateLeft(b, 16);
    a = (a ^ c) - Integer.rotateLeft(c, 4);
    b = (b ^ a) - Integer.rotateLeft(a, 14);
    c = (c ^ b) - Integer.rotateLeft(b, 24);
    return ((long) b << 32) | (c & 0xffff_ffffL);
  }
}

package io.outboxrelay.account;

import java.util.UUID;

/**
 * A hash of an event's sequence number and id, which PostgreSQL computes identically.
 *
 * <p>It is PostgreSQL's {@code uuid_hash_extended} with the sequence number for its seed: Bob
 * Jenkins' lookup3 over the 16 bytes of the id. Only 40 bits are used, so that the sum over a range
 * fits a {@code bigint}, even if each event was delivered hundreds of times.
 */
final class EventHash {
  private static final long MASK = (1L << 40) - 1;

  /** The initial state for a key of 16 bytes. */
  private static final int START = 0x9e3779b9 + 16 + 3923095;

  private static final String SQL =
      "(uuid_hash_extended(coalesce(%1$sid, '00000000-0000-0000-0000-000000000000'), %1$sseq) & "
          + MASK
          + ")";

  /**
   * An SQL expression that is true if the server computes the hash like this class. A server with
   * another byte order does not; then only numbers of events are compared.
   */
  static final String AGREES =
      "uuid_hash_extended('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 4711) & %d = %d"
          .formatted(MASK, of(4711, UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8")));

  private EventHash() {}

  /**
   * Returns the SQL expression of the hash.
   *
   * @param row the alias of an event's row with a dot, or empty
   */
  static String sql(String row) {
    return SQL.formatted(row);
  }

  /** Returns the hash; allocates nothing. */
  static long of(long seq, UUID id) {
    long high = id.getMostSignificantBits();
    long low = id.getLeastSignificantBits();
    int a = START;
    int b = START;
    int c = START;
    int round = seq == 0 ? 1 : 0;
    for (; round < 2; round++) {
      if (round == 0) {
        a += (int) (seq >>> 32);
        b += (int) seq;
      } else {
        a += Integer.reverseBytes((int) (high >>> 32));
        b += Integer.reverseBytes((int) high);
        c += Integer.reverseBytes((int) (low >>> 32));
      }
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
    a += Integer.reverseBytes((int) low);
    c = (c ^ b) - Integer.rotateLeft(b, 14);
    a = (a ^ c) - Integer.rotateLeft(c, 11);
    b = (b ^ a) - Integer.rotateLeft(a, 25);
    c = (c ^ b) - Integer.rotateLeft(b, 16);
    a = (a ^ c) - Integer.rotateLeft(c, 4);
    b = (b ^ a) - Integer.rotateLeft(a, 14);
    c = (c ^ b) - Integer.rotateLeft(b, 24);
    return (((long) b << 32) | (c & 0xffffffffL)) & MASK;
  }
}

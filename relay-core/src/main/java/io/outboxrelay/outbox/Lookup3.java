package io.outboxrelay.outbox;

/**
 * The hash function of PostgreSQL's extended hashes, such as {@code hashtextextended}: lookup3 by
 * Bob Jenkins (2006, in the public domain) with PostgreSQL's initial value.
 *
 * <p>The caller adds 32-bit words of the key in groups of three with {@link #mix}. It adds the
 * remaining words with {@link #end}, with zeros for missing ones. This class is not thread-safe.
 */
public final class Lookup3 {
  private static final int INITIAL = 0x9e3779b9 + 3923095;

  private int a;
  private int b;
  private int c;

  /**
   * @param length the number of bytes of the key
   */
  public Lookup3(int length) {
    a = INITIAL + length;
    b = a;
    c = a;
  }

  /**
   * Adds 12 bytes of the key. To hash with a seed, the first call passes the two halves of the seed
   * and a zero.
   */
  public void mix(int first, int second, int third) {
    a += first;
    b += second;
    c += third;
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

  /** Adds the last bytes of the key, which are fewer than 12, and returns the hash. */
  public long end(int first, int second, int third) {
    a += first;
    b += second;
    c += third;
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

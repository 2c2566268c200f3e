package io.outboxrelay.account;

/**
 * Divides the sequence numbers into ranges, for each of which deliveries are counted. Range 0
 * begins with the number 0.
 */
public final class AccountRange {
  /**
   * The base-2 logarithm of the size of a range. SQL computes the range of a sequence number by
   * shifting the number right by so many bits.
   */
  static final int BITS = 12;

  /** The number of sequence numbers in a range. */
  static final int SIZE = 1 << BITS;

  private AccountRange() {}

  /** Returns the range that holds a sequence number. */
  public static long of(long seq) {
    return seq >> BITS;
  }

  /** Returns the first sequence number of a range. */
  static long first(long range) {
    return range << BITS;
  }

  /** Returns the last sequence number of a range. */
  static long last(long range) {
    return first(range) + SIZE - 1;
  }
}

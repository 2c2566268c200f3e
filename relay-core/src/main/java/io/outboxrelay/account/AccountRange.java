package io.outboxrelay.account;

/**
 * Divides the sequence numbers into ranges, for each of which deliveries are counted. Range 0
 * begins with the number 0.
 */
public final class AccountRange {
  /** A range holds 2^12 sequence numbers; SQL divides by a shift of so many bits. */
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

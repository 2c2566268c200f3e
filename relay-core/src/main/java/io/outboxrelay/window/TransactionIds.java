package io.outboxrelay.window;

/**
 * Computes transaction ids of 64 bits, because some functions of PostgreSQL return only the lower
 * 32 bits.
 */
public final class TransactionIds {
  private static final long LOW_HALF = 0xffff_ffffL;
  private static final long EPOCH = 1L << 32;

  /**
   * The transaction id from which {@code age('3'::xid)} counts: 3, the first normal transaction id.
   */
  private static final int AGE_COUNTS_FROM = 3;

  private TransactionIds() {}

  /**
   * Returns the id that the server gives out next, without taking one.
   *
   * @param xmax the {@code xmax} of a snapshot that was taken before {@code age} was read, so the
   *     next id is equal or higher
   * @param age {@code age('3'::xid)}, a signed number of 32 bits that wraps around
   */
  public static long next(long xmax, int age) {
    long low = (age + (long) AGE_COUNTS_FROM) & LOW_HALF;
    long next = (xmax & ~LOW_HALF) | low;
    return next < xmax ? next + EPOCH : next;
  }
}

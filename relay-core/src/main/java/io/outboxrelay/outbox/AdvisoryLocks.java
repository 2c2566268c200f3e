package io.outboxrelay.outbox;

/**
 * SQL conditions that find the outbox's advisory locks in {@code pg_locks}. That view shows both
 * arguments of a lock as unsigned numbers. {@link OutboxNames} defines the arguments.
 */
public final class AdvisoryLocks {
  private AdvisoryLocks() {}

  /** Returns the SQL condition that is true for every lock of this outbox, granted or not. */
  public static String areOf(OutboxNames names, String lock) {
    return """
        %1$s.locktype = 'advisory' and %1$s.objsubid = 2 and %1$s.classid::bigint = %2$s
        and %1$s.database = (select oid from pg_database where datname = current_database())\
        """
        .formatted(lock, Integer.toUnsignedString(names.lockClass()));
  }

  /**
   * Returns the SQL condition that is true for the lease of a shard. It is valid only for rows for
   * which {@link #areOf} is true.
   *
   * @param shard an SQL expression for the number of the shard
   */
  public static String isLease(String lock, String shard) {
    return lock + ".objid::bigint = 2 * " + shard + " + 1";
  }

  /**
   * Returns the SQL condition that is true for the lock of any shard's doorbell. It is valid only
   * for rows for which {@link #areOf} is true.
   */
  static String isDoorbell(String lock) {
    return "(%1$s.objid::bigint < 2147483648 and %1$s.objid::bigint %% 2 = 0)".formatted(lock);
  }

  /**
   * Returns the SQL condition that is true for {@link OutboxNames#callLock}. It is valid only for
   * rows for which {@link #areOf} is true.
   */
  static String isCall(String lock) {
    return lock + ".objid::bigint = " + Integer.toUnsignedString(OutboxNames.CALL);
  }

  /**
   * Returns the SQL condition that is true for {@link OutboxNames#initLock}. It is valid only for
   * rows for which {@link #areOf} is true.
   */
  static String isInit(String lock) {
    return lock + ".objid::bigint = " + Integer.toUnsignedString(OutboxNames.INIT);
  }

  /**
   * Returns an SQL expression for the second argument of a lock, as the signed number that {@link
   * OutboxNames} defines.
   */
  public static String object(String lock) {
    return "(%1$s.objid::bigint + 2147483648) %% 4294967296 - 2147483648".formatted(lock);
  }
}

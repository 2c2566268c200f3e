package io.outboxrelay.outbox;

/**
 * Tells relays from other sessions that hold the same advisory locks, which PostgreSQL grants to
 * any role.
 *
 * <p>A lock counts if its holder's role may move the checkpoint: the relays' roles may, the owner
 * of the tables may, and an application's role may not.
 */
public final class TrustedRole {
  private TrustedRole() {}

  /**
   * An SQL condition that is true if the session's role is trusted; needs no privilege.
   *
   * @param pid an SQL expression for the session's process; null for a prepared transaction
   */
  public static String holds(String pid, OutboxNames names) {
    // Of one session only; with null the function would list all of them.
    return """
        coalesce((
          select has_table_privilege(a.usesysid, to_regclass('%2$s')::oid, 'update')
          from pg_stat_get_activity(coalesce(%1$s, 0)) a), false)\
        """
        .formatted(pid, names.checkpoint().replace("'", "''"));
  }

  /**
   * An SQL condition that is true while a trusted session calls all owners to let go of their
   * shards. It takes no lock that lasts, and reads {@code pg_locks} only if there may be a call.
   */
  public static String calls(OutboxNames names) {
    return """
        case when pg_try_advisory_lock_shared(%1$s)
             then not pg_advisory_unlock_shared(%1$s)
             else exists (
               select from pg_locks l
               where l.locktype = 'advisory' and l.objsubid = 2 and l.granted
                 and l.mode = 'ExclusiveLock'
                 and l.classid::bigint = %2$d & 4294967295 and l.objid::bigint = 4294967294
                 and l.database = (select oid from pg_database where datname = current_database())
                 and %3$s) end\
        """
        .formatted(names.callLock(), (long) names.lockClass(), holds("l.pid", names));
  }
}

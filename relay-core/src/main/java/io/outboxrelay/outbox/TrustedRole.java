package io.outboxrelay.outbox;

/**
 * Distinguishes relays from other sessions that hold advisory locks of the outbox. This is
 * necessary because PostgreSQL lets every role acquire these locks.
 *
 * <p>A lock counts only if its holder's role may update the checkpoint. The relays' roles and the
 * owner of the tables may; an application's role may not.
 */
public final class TrustedRole {
  private TrustedRole() {}

  /**
   * Returns an SQL condition that is true if the session's role is trusted; needs no privilege.
   *
   * @param pid an SQL expression for the process id of the session; its value is null for a
   *     prepared transaction
   */
  public static String holds(String pid, OutboxNames names) {
    // The function gets a process id in any case, because with null it would list all sessions.
    return """
        coalesce((
          select has_table_privilege(a.usesysid, to_regclass('%2$s')::oid, 'update')
          from pg_stat_get_activity(coalesce(%1$s, 0)) a), false)\
        """
        .formatted(pid, names.checkpoint().replace("'", "''"));
  }

  /**
   * Returns an SQL condition that is true while a trusted session holds {@link
   * OutboxNames#callLock}, which asks all owners to release their shards. The condition tries that
   * lock, releases it at once, and reads {@code pg_locks} only if it cannot have it.
   */
  public static String calls(OutboxNames names) {
    return """
        case when pg_try_advisory_lock_shared(%1$s)
             then not pg_advisory_unlock_shared(%1$s)
             else exists (
               select from pg_locks l
               where %2$s and %4$s and l.granted and l.mode = 'ExclusiveLock' and %3$s) end\
        """
        .formatted(
            names.callLock(),
            AdvisoryLocks.areOf(names, "l"),
            holds("l.pid", names),
            AdvisoryLocks.isCall("l"));
  }
}

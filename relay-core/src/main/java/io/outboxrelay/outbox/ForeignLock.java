package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * An advisory lock of this outbox that is held, or waited for, by a session that is not a relay:
 * its role is not trusted, see {@link TrustedRole}.
 *
 * @param pid the process id of the session; 0 for a prepared transaction
 * @param role the session's role, empty if it is not known
 * @param application the session's application name
 * @param object the second argument of the lock, see {@link OutboxNames}
 */
public record ForeignLock(int pid, String role, String application, long object) {
  /**
   * Finds the locks of roles that are not trusted. The query leaves out doorbell locks in shared
   * mode, because every writer holds such a lock for a moment, while it tests if the relay sleeps.
   */
  private static final String FIND =
      """
      select l.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''),
             %3$s as object
      from pg_locks l
      left join pg_stat_activity a on a.pid = l.pid
      where %1$s
        and not (l.mode = 'ShareLock' and %4$s)
        and l.pid is distinct from pg_backend_pid()
        and not %2$s
      order by object desc, l.pid
      limit 20
      """;

  /**
   * Completes with the foreign locks that exist now, at most 20. The most harmful locks come first.
   */
  public static Future<List<ForeignLock>> find(SqlClient database, OutboxNames names) {
    return database
        .query(
            FIND.formatted(
                AdvisoryLocks.areOf(names, "l"),
                TrustedRole.holds("l.pid", names),
                AdvisoryLocks.object("l"),
                AdvisoryLocks.isDoorbell("l")))
        .execute()
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(ForeignLock::of).toList());
  }

  private static ForeignLock of(Row row) {
    @Nullable Integer pid = row.getInteger(0);
    return new ForeignLock(
        pid == null ? 0 : pid, row.getString(1), row.getString(2), row.getLong(3));
  }

  /**
   * Returns the number of the shard that no relay can lead while this lock is held. Empty if this
   * lock is not the lease of a shard.
   */
  public Optional<Integer> shard() {
    return OutboxNames.shardOfLease(object);
  }

  /**
   * Returns true if the lock hinders a relay, or the command {@code init}. The other locks are
   * ignored by relays.
   */
  public boolean isHarmful() {
    return object >= -1;
  }

  /**
   * Returns a sentence such as {@code pid 4711 (role app, psql), which is no relay, holds the lock
   * of shard 0, so no relay can lead it}.
   */
  public String sentence() {
    return holder() + " holds " + shard().map(ForeignLock::lease).orElseGet(this::effect);
  }

  private String holder() {
    if (pid == 0) {
      return "a prepared transaction (see pg_prepared_xacts)";
    }
    String told = application.isEmpty() ? "" : ", " + application;
    return "pid %d (role %s%s), which is no relay,".formatted(pid, role, told);
  }

  private static String lease(int shard) {
    return "the lock of shard %d, so no relay can lead it".formatted(shard);
  }

  private String effect() {
    if (object >= 0) {
      return "the lock by which a relay shows that it is awake, so writers do not ring its doorbell and"
          + " an event may wait for relay.fallback-interval";
    }
    if (object == -1) {
      return "the lock by which init and shards take turns, so neither can run";
    }
    return object == -2
        ? "the lock that asks all relays to release their shards; they ignore it, but the"
            + " command shards cannot run"
        : "a lock by which relays announce themselves; they ignore it";
  }

  /** Returns the statement or command with which a DBA removes the lock. */
  public String remedy() {
    return pid == 0
        ? "roll it back with rollback prepared, and see"
            + " docs/operations.md#roles-and-their-privileges"
        : "select pg_terminate_backend(%d); to keep roles from taking such locks, see"
                .formatted(pid)
            + " docs/operations.md#roles-and-their-privileges";
  }
}

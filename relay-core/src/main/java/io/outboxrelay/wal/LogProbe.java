package io.outboxrelay.wal;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TrustedRole;
import io.outboxrelay.window.Fence;
import io.outboxrelay.window.Snapshot;
import io.outboxrelay.window.SnapshotHead;
import io.outboxrelay.window.TransactionIds;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Reads, over an ordinary connection, the facts that the stream of the log does not contain: which
 * transactions have ended, and how far the log has grown.
 *
 * <p>It also reads how much of the log the server keeps because of the slot, and the state of the
 * publication. If the publication is missing, PostgreSQL 18 streams nothing and reports no error,
 * so only a probe detects that.
 */
public final class LogProbe {
  /** Selects a value that no other server, and no later start of this one, has. */
  static final String SERVER = "select extract(epoch from pg_postmaster_start_time())::text";

  private static final String PUBLISHED =
      """
      (select concat_ws(' ', p.oid, p.xmin, r.oid, r.xmin, c.oid, c.relpersistence)
       from pg_publication p join pg_publication_rel r on r.prpubid = p.oid
            join pg_class c on c.oid = r.prrelid
       where p.pubname = '%s' and p.pubinsert and p.pubdelete and r.prrelid = to_regclass('%s')
         and c.relpersistence = 'p' %s)\
      """;

  /**
   * The query of a probe. Like the next transaction id, the position in the log is read after the
   * sequence, and therefore after the snapshot; see {@link SnapshotHead}.
   */
  private static final String PROBE =
      """
      select w, last, %1$s,
             case when last is not null then (pg_current_wal_insert_lsn() - '0/0')::bigint end,
             (select (pg_current_wal_lsn() - restart_lsn)::bigint from pg_replication_slots
              where slot_name = $1),
             %2$s, %3$s
      from %4$s
      """;

  private final SqlConnection connection;
  private final String published;
  private final String probe;
  private final OutboxNames names;

  public LogProbe(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
    this.published = published(connection, names);
    this.probe =
        PROBE.formatted(
            SnapshotHead.AGE, published, TrustedRole.calls(names), SnapshotHead.from(names));
  }

  /**
   * Returns an SQL sub-select for the state of the publication. It yields null if the publication
   * filters rows or leaves out columns, because the relay would then miss events.
   */
  private static String published(SqlConnection connection, OutboxNames names) {
    boolean canFilter = connection.databaseMetadata().majorVersion() >= 15;
    return PUBLISHED.formatted(
        names.publication().replace("'", "''"),
        names.outbox().replace("'", "''"),
        canFilter ? "and r.prqual is null and r.prattrs is null" : "");
  }

  /**
   * The state of the server.
   *
   * @param snapshot a snapshot that sees only transactions with a commit that ends at or before
   *     {@code position}
   * @param fence the fence, read after the snapshot
   * @param position the end of the log, read after the snapshot
   * @param held the bytes of the log that the server keeps because of the slot; null if the slot
   *     does not exist or is invalid
   * @param publication a text that identifies the state of the publication; null if the publication
   *     does not publish the outbox
   * @param called true if a command asks all owners to release their shards
   */
  public record Answer(
      Snapshot snapshot,
      Fence fence,
      long position,
      @Nullable Long held,
      @Nullable String publication,
      boolean called) {
    /** Returns true if the publication is still the one with which a slot was created. */
    public boolean publishes(Ground ground) {
      return publication != null && publication.equals(ground.publication);
    }
  }

  /** Reads all values of an {@link Answer}. */
  public Future<Answer> ask(String slot) {
    return connection
        .preparedQuery(probe)
        .execute(Tuple.of(slot))
        .map(
            rows -> {
              var row = rows.iterator().next();
              var snapshot = Snapshot.parse(row.getString(0));
              return new Answer(
                  snapshot,
                  new Fence(
                      TransactionIds.next(snapshot.xmax(), row.getInteger(2)), row.getLong(1)),
                  row.getLong(3),
                  row.getLong(4),
                  row.getString(5),
                  row.getBoolean(6));
            });
  }

  /**
   * The properties of the server that a new slot depends on.
   *
   * @param outbox the oid of the table
   * @param server a text that identifies the server, see {@link LogStream.Created}
   * @param publication the state of the publication, see {@link Answer}
   * @param prerequisites the conditions for creating a slot
   */
  public record Ground(
      int outbox, String server, @Nullable String publication, LogPrerequisites prerequisites) {
    /** Returns the first reason why no slot can be created; null if there is none. */
    public @Nullable LogFailure objection() {
      var objections = prerequisites.objections();
      if (!objections.isEmpty()) {
        return objections.get(0);
      }
      return publication == null
          ? new LogFailure(
              LogFailure.Reason.PUBLICATION, "the publication was changed while it was read")
          : null;
    }
  }

  /** Reads the properties of the server on which a new slot depends. */
  public Future<Ground> askForGround() {
    return LogPrerequisites.read(connection, names).compose(this::askForGround);
  }

  private Future<Ground> askForGround(LogPrerequisites prerequisites) {
    String outbox = names.outbox().replace("'", "''");
    return connection
        .query(
            "select to_regclass('%s')::oid::bigint, (%s), %s".formatted(outbox, SERVER, published))
        .execute()
        .map(
            rows -> {
              var row = rows.iterator().next();
              return new Ground(
                  (int) (long) row.getLong(0), row.getString(1), row.getString(2), prerequisites);
            });
  }
}

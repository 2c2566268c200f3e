package io.outboxrelay.wal;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.wal.LogFailure.Reason;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The conditions for creating a slot, as far as they can be read over an ordinary connection.
 *
 * @param walLevel the value of {@code wal_level}
 * @param hash the server's hash of {@link ShardKey#PROBE_TEXT}
 * @param role the relay's role, unquoted
 * @param mayReplicate true if the role may open a replication connection
 * @param publication the reason why the publication cannot be used; empty if it can
 */
public record LogPrerequisites(
    String walLevel,
    long hash,
    String role,
    boolean mayReplicate,
    Optional<LogFailure> publication) {
  private static final String SERVER =
      """
      select current_setting('wal_level'), %s, current_user,
             (select rolreplication or rolsuper from pg_roles where rolname = current_user)
               or exists (select from pg_roles where rolname = 'rds_replication'
                          and pg_has_role(current_user, oid, 'member'))
      """
          .formatted(ShardKey.PROBE);

  static Future<LogPrerequisites> read(SqlConnection connection, OutboxNames names) {
    boolean canFilter = connection.databaseMetadata().majorVersion() >= 15;
    return connection
        .query(PublicationState.select(names, canFilter))
        .execute()
        .map(rows -> PublicationState.of(names, rows.iterator().next()).objection())
        .compose(
            publication ->
                connection
                    .query(SERVER)
                    .execute()
                    .map(rows -> of(rows.iterator().next(), publication)));
  }

  private static LogPrerequisites of(Row row, Optional<LogFailure> publication) {
    return new LogPrerequisites(
        row.getString(0), row.getLong(1), row.getString(2), row.getBoolean(3), publication);
  }

  /**
   * Returns true if the server hashes aggregate ids as this process does, so that both compute the
   * same shard for an aggregate.
   */
  boolean hashesAlike() {
    return hash == AggregateHash.hash(ShardKey.PROBE_TEXT);
  }

  /** Returns all reasons why no slot can be created, each with its remedy. */
  public List<LogFailure> objections() {
    var objections = new ArrayList<LogFailure>();
    if (!walLevel.equals("logical")) {
      objections.add(
          new LogFailure(
              Reason.WAL_LEVEL,
              "wal_level is " + walLevel + " and must be logical",
              "set wal_level = logical in postgresql.conf, and restart the server"));
    }
    publication.ifPresent(objections::add);
    if (!mayReplicate) {
      objections.add(
          new LogFailure(
              Reason.PRIVILEGE,
              "the role " + role + " lacks the attribute REPLICATION",
              "alter role %1$s replication (on Amazon RDS: grant rds_replication to %1$s)"
                  .formatted(OutboxNames.quoted(role))));
    }
    if (!hashesAlike()) {
      objections.add(
          new LogFailure(
              Reason.CONTENT,
              "the server hashes aggregate ids differently from the relay",
              "set relay.source to table"));
    }
    return objections;
  }
}

package io.outboxrelay.wal;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.wal.LogFailure.Reason;
import io.vertx.sqlclient.Row;
import java.util.Optional;

/**
 * The state of an outbox's publication. The publication must publish all inserts with all columns.
 * It must publish the deletes as well, because a transaction may delete the events that it wrote.
 */
final class PublicationState {
  private final String outbox;
  private final String name;
  private final Row row;

  private PublicationState(OutboxNames names, Row row) {
    this.outbox = names.outbox();
    this.name = OutboxNames.quoted(names.publication());
    this.row = row;
  }

  /** Selects the columns that {@link #of} reads, in order. */
  static String select(OutboxNames names, boolean canFilter) {
    return """
        select c.relpersistence = 'u', p.oid is not null, coalesce(p.pubinsert, false),
               coalesce(p.pubdelete, false), r.oid is not null, %3$s, %4$s
        from pg_class c
             left join pg_publication p on p.pubname = '%1$s'
             left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = c.oid
        where c.oid = to_regclass('%2$s')
        """
        .formatted(
            names.publication(),
            names.outbox().replace("'", "''"),
            canFilter ? "r.prqual is not null" : "false",
            canFilter ? "r.prattrs is not null" : "false");
  }

  static PublicationState of(OutboxNames names, Row row) {
    return new PublicationState(names, row);
  }

  /**
   * Returns the reason why the log cannot be read through the publication; empty if it can be read.
   */
  Optional<LogFailure> objection() {
    boolean isUnlogged = row.getBoolean(0);
    boolean exists = row.getBoolean(1);
    boolean publishesInserts = row.getBoolean(2);
    boolean publishesDeletes = row.getBoolean(3);
    boolean listsOutbox = row.getBoolean(4);
    boolean filtersRows = row.getBoolean(5);
    boolean leavesColumnsOut = row.getBoolean(6);
    if (isUnlogged) {
      return unusable(
          "the table %s is unlogged, and must be logged".formatted(outbox),
          "alter table %s set logged".formatted(outbox));
    }
    if (!exists) {
      return unusable(
          "the publication %s does not exist".formatted(name),
          "run init as a role that owns the outbox and has the privilege CREATE on the database");
    }
    if (!publishesInserts || !publishesDeletes) {
      return unusable(
          "the publication %s leaves %s out, and must publish them"
              .formatted(name, publishesInserts ? "deletes" : "inserts"),
          "alter publication %s set (publish = 'insert, delete')".formatted(name));
    }
    if (!listsOutbox) {
      return unusable(
          "the publication %s does not list the table %s, and must".formatted(name, outbox),
          "alter publication %s add table %s".formatted(name, outbox));
    }
    if (filtersRows || leavesColumnsOut) {
      return unusable(
          "the publication %s publishes only some %s of %s, and must publish all"
              .formatted(name, filtersRows ? "rows" : "columns", outbox),
          "alter publication %s set table %s".formatted(name, outbox));
    }
    return Optional.empty();
  }

  private static Optional<LogFailure> unusable(String seen, String remedy) {
    return Optional.of(new LogFailure(Reason.PUBLICATION, seen, remedy));
  }
}

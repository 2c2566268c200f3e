package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/**
 * The DDL of the outbox: everything {@code init} creates, version by version.
 *
 * <p>A step, once released, never changes; a later version adds one. Running them all again changes
 * nothing.
 */
public final class OutboxSchema {
  /** The version this relay works with. */
  public static final int VERSION = 3;

  private final OutboxConfig config;
  private final OutboxNames names;
  private final boolean rings;

  public OutboxSchema(OutboxConfig config) {
    this(config, true);
  }

  private OutboxSchema(OutboxConfig config, boolean rings) {
    this.config = config;
    this.names = config.names();
    this.rings = rings;
  }

  /**
   * The same without the trigger, for a relay that polls: PostgreSQL refuses to prepare a
   * transaction (two-phase commit) that rang.
   */
  public OutboxSchema withoutDoorbell() {
    return new OutboxSchema(config, false);
  }

  /** The whole DDL as a script for those who run their own migrations. */
  public String script() {
    return String.join(
        "\n", versionTable(), String.join("", steps()), noteVersion(VERSION), doorbell());
  }

  /**
   * Creates or upgrades everything, in one transaction of {@code connection}.
   *
   * @return the version that was there before, 0 for none
   */
  public Future<Integer> install(SqlConnection connection) {
    return connection
        .begin()
        .compose(
            transaction ->
                installIn(connection)
                    .compose(before -> transaction.commit().map(before))
                    .onFailure(failure -> transaction.rollback()));
  }

  private Future<Integer> installIn(SqlConnection connection) {
    return connection
        // what is there already is no news
        .query("set local client_min_messages = warning")
        .execute()
        // two that run init at once take turns
        .compose(quiet -> connection.query(takeTurns()).execute())
        .compose(locked -> connection.query(versionTable()).execute())
        .compose(made -> connection.query("select version from " + names.version()).execute())
        .map(rows -> rows.size() == 0 ? 0 : rows.iterator().next().getInteger(0))
        .compose(before -> upgrade(connection, before).map(before))
        .compose(before -> connection.query(doorbell()).execute().map(before));
  }

  private String takeTurns() {
    return "select pg_advisory_xact_lock(" + names.leaseLock(-1) + ")";
  }

  private Future<?> upgrade(SqlConnection connection, int from) {
    Future<?> done = Future.succeededFuture();
    for (int version = from + 1; version <= VERSION; version++) {
      String step = steps().get(version - 1) + noteVersion(version);
      done = done.compose(before -> connection.query(step).execute());
    }
    return done;
  }

  /**
   * {@code create schema if not exists} wants the right to create schemas also where it is there.
   */
  private String versionTable() {
    String schema = OutboxNames.quoted(config.schema());
    return """
        do $schema$
        begin
          if to_regnamespace('%1$s') is null then
            create schema %2$s;
          end if;
        end $schema$;
        create table if not exists %3$s (version int not null);
        """
        .formatted(schema.replace("'", "''"), schema, names.version());
  }

  private String noteVersion(int version) {
    return """
        delete from %1$s;
        insert into %1$s (version) values (%2$d);
        """
        .formatted(names.version(), version);
  }

  private List<String> steps() {
    return List.of(outbox() + checkpoint() + deadLetters(), retries(), vigil());
  }

  /**
   * The {@code case} is the one construct of SQL that promises order of evaluation: the transaction
   * id is assigned before the sequence number, on which the reader's fences rely.
   */
  private String outbox() {
    return """
        create sequence if not exists %2$s cache 1;
        create table if not exists %1$s (
          xid            xid8        not null default pg_current_xact_id(),
          seq            bigint      primary key
                         default case when pg_current_xact_id() is not null then nextval('%4$s') end,
          id             uuid        not null default gen_random_uuid(),
          aggregate_type text        not null,
          aggregate_id   text        not null check (aggregate_id <> ''),
          event_type     text        not null,
          payload        %3$s,
          headers        jsonb,
          created_at     timestamptz not null default now()
        );
        """
        .formatted(
            names.outbox(),
            names.sequence(),
            config.payload().sql(),
            names.sequence().replace("'", "''"));
  }

  private String checkpoint() {
    return """
        create table if not exists %1$s (
          shard       int         primary key,
          settled     pg_snapshot not null,
          top         bigint      not null,
          floor       bigint      not null,
          fence       xid8        not null,
          open_window pg_snapshot,
          position    bigint,
          epoch       bigint      not null,
          owner       text,
          updated_at  timestamptz not null default now()
        ) with (fillfactor = 50);
        insert into %1$s (shard, settled, top, floor, fence, epoch)
          values (0, '1:1:', 0, 0, '0', 0) on conflict do nothing;
        """
        .formatted(names.checkpoint());
  }

  private String deadLetters() {
    return """
        create table if not exists %1$s (
          seq            bigint      primary key,
          id             uuid,
          aggregate_type text,
          aggregate_id   text,
          event_type     text,
          payload        %2$s,
          headers        jsonb,
          created_at     timestamptz,
          state          text        not null check (state in ('parked', 'skipped')),
          reason         text        not null,
          buried_at      timestamptz not null default now()
        );
        create index if not exists %3$s on %1$s (aggregate_id, seq);
        """
        .formatted(
            names.deadLetter(),
            config.payload().sql(),
            OutboxNames.quoted(config.table() + "_dead_letter_aggregate"));
  }

  /**
   * Version 2: what can be asked of a dead letter, how often it was tried, and where it would go.
   *
   * <p>The indexes hold few rows each: letters that somebody asked something of, and heads.
   */
  private String retries() {
    return """
        alter table %1$s
          add column if not exists destination text,
          add column if not exists attempts int not null default 0,
          add column if not exists tried_at timestamptz,
          add column if not exists progress text
            check (progress in ('asked', 'replaying', 'discarded', 'settled'));
        update %1$s set attempts = 1, tried_at = buried_at
          where attempts = 0 and reason not like 'waits behind %%';
        create index if not exists %2$s on %1$s (aggregate_id, seq) where progress is not null;
        create index if not exists %3$s on %1$s (tried_at) where progress is null and attempts > 0;
        """
        .formatted(
            names.deadLetter(),
            OutboxNames.quoted(config.table() + "_replay"),
            OutboxNames.quoted(config.table() + "_rejected"));
  }

  /** Version 3: how often relays died without getting any further, and of what. */
  private String vigil() {
    return """
        create table if not exists %1$s (
          shard       int    primary key,
          run         text,
          mark        text   not null,
          deaths      int    not null default 0,
          in_flight   bigint,
          accused     bigint,
          accusations int    not null default 0
        ) with (fillfactor = 50);
        """
        .formatted(names.vigil());
  }

  /**
   * A writer that finds the relay awake, its lock held, calls no function: the test stands in the
   * trigger's condition. Made or dropped only where that changes something, as it locks out writers
   * for a moment.
   */
  private String doorbell() {
    return rings ? ringFunction() + onlyIf("not exists", createTrigger()) : noDoorbell();
  }

  private String ringFunction() {
    return """
        create or replace function %1$s() returns trigger language plpgsql as $ring$
        begin
          perform pg_notify('%2$s', '');
          return null;
        end $ring$;
        """
        .formatted(names.ring(), names.channel());
  }

  private String createTrigger() {
    return """
        create trigger %1$s after insert on %2$s for each statement
              when (case when pg_try_advisory_lock_shared(%3$s)
                         then pg_advisory_unlock_shared(%3$s) else false end)
              execute function %4$s()\
        """
        .formatted(names.ringTrigger(), names.outbox(), names.doorbellLock(0), names.ring());
  }

  private String noDoorbell() {
    return onlyIf("exists", "drop trigger " + names.ringTrigger() + " on " + names.outbox());
  }

  private String onlyIf(String condition, String statement) {
    return """
        do $only$
        begin
          if %s (select from pg_trigger where tgrelid = to_regclass('%s') and tgname = '%s') then
            %s;
          end if;
        end $only$;
        """
        .formatted(
            condition,
            names.outbox().replace("'", "''"),
            (config.table() + "_ring").replace("'", "''"),
            statement);
  }

  /**
   * What the application's role needs, column by column, so that it can set neither {@code xid} nor
   * {@code seq}.
   */
  public String grantsForApplication(String role) {
    return """
        grant usage on schema %2$s to %1$s;
        grant usage on sequence %4$s to %1$s;
        grant insert (id, aggregate_type, aggregate_id, event_type, payload, headers) on %3$s to %1$s;
        """
        .formatted(
            OutboxNames.quoted(role),
            OutboxNames.quoted(config.schema()),
            names.outbox(),
            names.sequence());
  }

  /** What the relay's own role needs where another role owns the tables. */
  public String grantsForRelay(String role) {
    return """
        grant usage on schema %2$s to %1$s;
        grant select, delete on %3$s to %1$s;
        grant select on %6$s, %7$s to %1$s;
        grant select, insert, update on %4$s, %8$s to %1$s;
        grant select, insert, update, delete on %5$s to %1$s;
        """
        .formatted(
            OutboxNames.quoted(role),
            OutboxNames.quoted(config.schema()),
            names.outbox(),
            names.checkpoint(),
            names.deadLetter(),
            names.version(),
            names.sequence(),
            names.vigil());
  }
}

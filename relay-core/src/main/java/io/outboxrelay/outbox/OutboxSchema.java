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
  public static final int VERSION = 6;

  private final OutboxConfig config;
  private final OutboxNames names;
  private final boolean rings;
  private final int shards;

  public OutboxSchema(OutboxConfig config) {
    this(config, true, 1);
  }

  private OutboxSchema(OutboxConfig config, boolean rings, int shards) {
    this.config = config;
    this.names = config.names();
    this.rings = rings;
    this.shards = shards;
  }

  /**
   * The same without the trigger, for a relay that polls: PostgreSQL refuses to prepare a
   * transaction (two-phase commit) that rang.
   */
  public OutboxSchema withoutDoorbell() {
    return new OutboxSchema(config, false, shards);
  }

  /** The same, a new outbox divided among so many shards; one that was used remains as it is. */
  public OutboxSchema withShards(int number) {
    return new OutboxSchema(config, rings, number);
  }

  /** The whole DDL as a script for those who run their own migrations. */
  public String script() {
    return String.join(
        "\n",
        versionTable(),
        String.join("", steps()),
        noteVersion(VERSION),
        division(),
        doorbell());
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
        .compose(before -> connection.query(division() + doorbell()).execute().map(before));
  }

  private String takeTurns() {
    return "select pg_advisory_xact_lock(" + names.initLock() + ")";
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
    return List.of(
        outbox() + checkpoint() + deadLetters(),
        retries(),
        vigil(),
        shards(),
        steering(),
        replays());
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
   * Version 4: how many shards there are, beside each, how this server hashed the day they were
   * made, and what its owner does with events.
   */
  private String shards() {
    return """
        alter table %1$s
          add column if not exists shards int not null default 1,
          add column if not exists hash bigint not null default %2$s,
          add column if not exists conduct text;
        """
        .formatted(names.checkpoint(), Share.PROBE);
  }

  /** Version 5: what operators have paused, and what they did. */
  private String steering() {
    return """
        create table if not exists %1$s (
          destination text        primary key,
          reason      text,
          paused_by   text        not null,
          paused_at   timestamptz not null default now()
        );
        create table if not exists %2$s (
          id      bigint      generated always as identity primary key,
          at      timestamptz not null default clock_timestamp(),
          who     text        not null,
          via     text        not null check (via in ('api', 'command')),
          action  text        not null,
          what    text        not null,
          outcome text        not null
        );
        """
        .formatted(names.pause(), names.audit());
  }

  /**
   * Version 6: what is asked to be sent again, and how far that has come. {@code seen} and {@code
   * top} bound it: what is committed later is no part of it.
   */
  private String replays() {
    return """
        create table if not exists %1$s (
          id           bigint      generated always as identity primary key,
          state        text        not null default 'asked'
                       check (state in ('asked', 'running', 'done', 'cancelled', 'failed')),
          since        timestamptz,
          until        timestamptz,
          aggregate_id text,
          event_type   text,
          destination  text,
          rate         int         not null,
          seen         pg_snapshot not null,
          first        bigint      not null,
          top          bigint      not null,
          position     bigint      not null,
          matched      bigint      not null,
          published    bigint      not null default 0,
          rejected     bigint      not null default 0,
          rejection    text,
          waiting      bigint      not null default 0,
          dead_letters bigint      not null default 0,
          remark       text,
          reason       text,
          starts       int         not null default 0,
          owner        text,
          asked_by     text        not null,
          asked_at     timestamptz not null default now(),
          started_at   timestamptz,
          ended_at     timestamptz
        ) with (fillfactor = 50);
        """
        .formatted(names.replays());
  }

  /** Once a relay has been at work, a shard more is not just a row more. */
  private String division() {
    return shards == 1
        ? ""
        : """
        insert into %1$s (shard, settled, top, floor, fence, epoch, shards)
          select another, settled, top, floor, fence, 0, %2$d
          from %1$s, generate_series(1, %2$d - 1) another
          where shard = 0 and epoch = 0 and shards = 1;
        update %1$s set shards = %2$d where shard = 0 and epoch = 0 and shards = 1;
        """
            .formatted(names.checkpoint(), shards);
  }

  /**
   * Makes writers ring, as many bells as there are shards, or lets them be. Changes the trigger
   * only where that is necessary, as it locks out writers for a moment.
   */
  public String doorbell() {
    return rings ? ringFunction() + trigger() : noTrigger("true");
  }

  private String ringFunction() {
    return """
        create or replace function %1$s() returns trigger language plpgsql as $ring$
        begin
          if tg_nargs = 0 then
            perform pg_notify('%2$s', '');
          else
            perform pg_notify('%2$s', (%3$s)::text);
          end if;
          return null;
        end $ring$;
        """
        .formatted(
            names.ring(), names.channel(), Share.shardOf("new.aggregate_id", "tg_argv[0]::int"));
  }

  /**
   * A writer that finds the relay awake, its lock held, calls no function: the test stands in the
   * trigger's condition. With one shard it is made once a statement, otherwise for each event.
   */
  private String trigger() {
    return """
        do $only$
        declare
          shards int := (select count(*) from %1$s);
          argument text := case when shards > 1 then shards::text else '' end;
        begin
          %2$s
          if not exists (select from pg_trigger where %3$s) then
            if shards = 1 then
              %4$s;
            else
              execute replace($trigger$%5$s$trigger$, 'SHARDS', argument);
            end if;
          end if;
        end $only$;
        """
        .formatted(
            names.checkpoint(),
            dropTrigger(
                "tgargs <> convert_to(argument, 'UTF8')"
                    + " || case when shards > 1 then '\\x00'::bytea else '' end"),
            isOurs(),
            createTrigger("statement", names.doorbellLock(0), ""),
            createTrigger(
                "row",
                names.doorbellLock(Share.shardOf("new.aggregate_id", "SHARDS")),
                "'SHARDS'"));
  }

  private String createTrigger(String each, String lock, String argument) {
    return """
        create trigger %1$s after insert on %2$s for each %3$s
                when (case when pg_try_advisory_lock_shared(%4$s)
                           then pg_advisory_unlock_shared(%4$s) else false end)
                execute function %5$s(%6$s)\
        """
        .formatted(names.ringTrigger(), names.outbox(), each, lock, names.ring(), argument);
  }

  private String noTrigger(String where) {
    return "do $only$\nbegin\n  " + dropTrigger(where) + "\nend $only$;\n";
  }

  private String dropTrigger(String where) {
    return "if exists (select from pg_trigger where %s and %s) then drop trigger %s on %s; end if;"
        .formatted(isOurs(), where, names.ringTrigger(), names.outbox());
  }

  private String isOurs() {
    return "tgrelid = to_regclass('%s') and tgname = '%s'"
        .formatted(names.outbox().replace("'", "''"), names.ringTriggerName().replace("'", "''"));
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
        grant select, insert, update on %4$s, %8$s, %9$s to %1$s;
        grant select, insert, update, delete on %5$s to %1$s;
        grant select, insert, delete on %10$s to %1$s;
        grant select, insert on %11$s to %1$s;
        """
        .formatted(
            OutboxNames.quoted(role),
            OutboxNames.quoted(config.schema()),
            names.outbox(),
            names.checkpoint(),
            names.deadLetter(),
            names.version(),
            names.sequence(),
            names.vigil(),
            names.replays(),
            names.pause(),
            names.audit());
  }
}

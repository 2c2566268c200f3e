package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The DDL of the outbox: everything that {@code init} creates, version by version.
 *
 * <p>Each version is one SQL resource file, beginning with {@code schema-version-1.sql}; each later
 * version adds a file that alters the objects of the earlier versions. A released file never
 * changes, and running all files again changes nothing.
 */
public final class OutboxSchema {
  /** The version with which this relay works. */
  public static final int VERSION = 1;

  private static final List<SqlTemplate> STEPS =
      IntStream.rangeClosed(1, VERSION)
          .mapToObj(version -> SqlTemplate.ofResource("schema-version-" + version + ".sql"))
          .toList();

  private final OutboxConfig config;
  private final OutboxNames names;
  private final boolean rings;
  private final int shards;
  private final List<SqlTemplate> steps;

  public OutboxSchema(OutboxConfig config) {
    this(config, true, 1, STEPS);
  }

  private OutboxSchema(OutboxConfig config, boolean rings, int shards, List<SqlTemplate> steps) {
    this.steps = steps;
    this.config = config;
    this.names = config.names();
    this.rings = rings;
    this.shards = shards;
  }

  /**
   * Returns this schema without the trigger, for a relay that polls. Applications with two-phase
   * commit need such a relay, because PostgreSQL refuses to prepare a transaction that has called
   * NOTIFY.
   */
  public OutboxSchema withoutDoorbell() {
    return new OutboxSchema(config, false, shards, steps);
  }

  /**
   * Returns this schema with {@code number} shards for a new outbox; an outbox that a relay has
   * used keeps its shards.
   */
  public OutboxSchema withShards(int number) {
    return new OutboxSchema(config, rings, number, steps);
  }

  /**
   * Returns this schema with a further version, for tests of the upgrade.
   *
   * @param sql the SQL of that version
   */
  OutboxSchema withNextVersion(String sql) {
    var more = Stream.concat(steps.stream(), Stream.of(new SqlTemplate(sql))).toList();
    return new OutboxSchema(config, rings, shards, more);
  }

  /** Returns the whole DDL as a script, for teams that run their own migrations. */
  public String script() {
    if (names.columns().isMapped()) {
      throw new OutboxTable.IncompleteException(
          "outbox.columns is set, so init does not create the table "
              + names.outbox()
              + "; init --adopt --print prints the statements that it needs");
    }
    return String.join(
        "\n",
        versionTable(),
        IntStream.rangeClosed(1, steps.size()).mapToObj(this::step).collect(Collectors.joining()),
        noteVersion(steps.size()),
        shardLayout(),
        doorbell(),
        publication());
  }

  /**
   * Creates or upgrades everything, in one transaction of {@code connection}.
   *
   * @return completes with the version before the change; 0 if there was none
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

  /**
   * Creates or upgrades everything in a transaction of the caller. If another table serves as the
   * outbox, it must be adopted before. The column for payloads of dead letters gets the type that
   * the payload column of the outbox has.
   *
   * @return completes with the version before the change; 0 if there was none
   */
  Future<Integer> installIn(SqlConnection connection) {
    return names.columns().isMapped()
        ? OutboxTable.payloadType(connection, names)
            .compose(type -> withPayload(type).installAllIn(connection))
        : installAllIn(connection);
  }

  private OutboxSchema withPayload(PayloadType type) {
    var own =
        new OutboxConfig(
            config.schema(),
            config.table(),
            config.columns(),
            type,
            config.retention(),
            config.cleanUpInterval());
    return new OutboxSchema(own, rings, shards, steps);
  }

  private Future<Integer> installAllIn(SqlConnection connection) {
    return connection
        // Suppresses the server's notices about objects that exist already.
        .query("set local client_min_messages = warning")
        .execute()
        // If init runs twice at the same time, the second run waits here for the first one.
        .compose(quiet -> connection.query(takeTurns()).execute())
        .compose(locked -> connection.query(versionTable()).execute())
        .compose(made -> connection.query("select version from " + names.version()).execute())
        .map(rows -> rows.size() == 0 ? 0 : rows.iterator().next().getInteger(0))
        .compose(before -> upgrade(connection, before).map(before))
        .compose(
            before ->
                connection.query(shardLayout() + doorbell() + publication()).execute().map(before));
  }

  private String takeTurns() {
    return "select pg_advisory_xact_lock(" + names.initLock() + ")";
  }

  private Future<?> upgrade(SqlConnection connection, int from) {
    Future<?> done = Future.succeededFuture();
    for (int version = from + 1; version <= steps.size(); version++) {
      String step = step(version) + noteVersion(version);
      done = done.compose(before -> connection.query(step).execute());
    }
    return done;
  }

  /**
   * Returns the statements that create the schema and the table with the version, if they do not
   * exist. They do not use {@code create schema if not exists}, because that statement needs the
   * right to create schemas even if the schema exists.
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

  private String step(int version) {
    return steps.get(version - 1).with(templateValues());
  }

  private Map<String, String> templateValues() {
    return Map.ofEntries(
        Map.entry("outbox", names.outbox()),
        Map.entry("sequence", names.sequence()),
        Map.entry("sequence_literal", "'" + names.sequence().replace("'", "''") + "'"),
        Map.entry("payload_type", config.payload().sql()),
        Map.entry("checkpoint", names.checkpoint()),
        Map.entry("hash_probe", ShardKey.PROBE),
        Map.entry("checkpoint_epoch_index", index("_checkpoint_epoch")),
        Map.entry("account", names.account()),
        Map.entry("difference", names.difference()),
        Map.entry("dead_letter", names.deadLetter()),
        Map.entry("dead_letter_aggregate_index", index("_dead_letter_aggregate")),
        Map.entry("dead_letter_redelivery_index", index("_dead_letter_redelivery")),
        Map.entry("dead_letter_requested_index", index("_dead_letter_requested")),
        Map.entry("dead_letter_discarded_index", index("_dead_letter_discarded")),
        Map.entry("dead_letter_done_index", index("_dead_letter_done")),
        Map.entry("dead_letter_rejected_index", index("_dead_letter_rejected")),
        Map.entry("crash_guard", names.crashGuard()),
        Map.entry("leader_report", names.leaderReport()),
        Map.entry("pause", names.pause()),
        Map.entry("audit", names.audit()),
        Map.entry("discarded", names.discarded()),
        Map.entry("replays", names.replays()));
  }

  /**
   * Returns the name of an index in SQL. It has no schema, because PostgreSQL creates an index in
   * the schema of its table.
   */
  private String index(String suffix) {
    return OutboxNames.quoted(config.table() + suffix);
  }

  /**
   * Returns the statement that adds the rows of further shards. It does so only if no relay has
   * used the outbox; afterwards only {@code Resharding} can change the number of shards.
   */
  private String shardLayout() {
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
   * Returns the statement that creates, replaces or drops the trigger that rings the doorbells of
   * all shards. It changes the trigger only if necessary, because a change blocks writers for a
   * moment.
   */
  public String doorbell() {
    return rings ? ringFunction() + trigger() : noTrigger("true");
  }

  /**
   * Returns the statement that creates the publication from which the relay reads the write-ahead
   * log. The publication publishes deletes as well as inserts, so that an event that is deleted by
   * its own transaction is not counted as delivered. A publication costs writers nothing, so it is
   * created even if the relay reads only the table. The creation fails if the role may not create
   * publications, or if the table is unlogged. The relay can still read the table then, so the
   * failure is only a notice.
   */
  private String publication() {
    return """
        do $publication$
        begin
          if not exists (select from pg_publication where pubname = '%1$s')%4$s then
            set local client_min_messages = error;
            create publication %2$s for table %3$s
              with (publish = 'insert, delete', publish_via_partition_root = true);
          end if;
        exception when insufficient_privilege or feature_not_supported or invalid_parameter_value then
          raise notice 'the publication %1$s was not created: %%', sqlerrm;
        end $publication$;
        """
        .formatted(
            names.publication(),
            OutboxNames.quoted(names.publication()),
            names.outbox(),
            names.columns().isMapped() ? " and " + isIdentified() : "");
  }

  /**
   * Returns an SQL condition that is true if the table has a replica identity. Without one,
   * PostgreSQL would refuse to delete rows of the table once a publication publishes deletes.
   */
  private String isIdentified() {
    return """
        exists (
            select from pg_class c
            where c.oid = to_regclass('%s')
              and (c.relreplident in ('f', 'i')
                   or c.relreplident = 'd'
                      and exists (select from pg_index where indrelid = c.oid and indisprimary)))\
        """
        .formatted(names.outbox().replace("'", "''"));
  }

  /**
   * Returns the statement that creates the function of the trigger, which notifies the relay. If a
   * listening session stays in a transaction, the server's queue of notifications can become full,
   * and then every commit with a notification fails. Therefore the function does not notify once
   * half of the queue is used, and the relay polls meanwhile. A small risk remains, because the
   * queue can become full between this test and the commit.
   */
  private String ringFunction() {
    return """
        create or replace function %1$s() returns trigger language plpgsql as $ring$
        begin
          if pg_notification_queue_usage() > 0.5 then
            return null;
          end if;
          if tg_nargs = 0 then
            perform pg_notify('%2$s', '');
          else
            perform pg_notify('%2$s', (%3$s)::text);
          end if;
          return null;
        end $ring$;
        """
        .formatted(
            names.ring(), names.channel(), ShardKey.shardOf(newAggregateId(), "tg_argv[0]::int"));
  }

  /**
   * Returns the statement that creates the trigger. The trigger's condition tests the doorbell's
   * lock. If that lock is held, the relay is awake, and PostgreSQL does not call the trigger's
   * function. If there is only one shard, the condition is tested once for each insert statement,
   * otherwise once for each event.
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
                names.doorbellLock(ShardKey.shardOf(newAggregateId(), "SHARDS")),
                "'SHARDS'"));
  }

  private String newAggregateId() {
    return names.columns().expression(OutboxColumn.AGGREGATE_ID, "new.");
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

  /** Returns the grants for a role that writes events; see {@link OutboxPrivileges}. */
  public String grantsForApplication(String role) {
    return OutboxPrivileges.grants(OutboxPrivileges.forApplication(names), role);
  }

  /** Returns the grants for the relay's role if another role owns the tables. */
  public String grantsForRelay(String role) {
    return OutboxPrivileges.grants(OutboxPrivileges.forRelay(names), role);
  }
}

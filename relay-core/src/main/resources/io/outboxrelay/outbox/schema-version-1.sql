-- The outbox schema, version 1: all tables, indexes and the sequence. OutboxSchema replaces each placeholder by the
-- configured, quoted name and adds the trigger of the doorbell. Every statement can be executed again, so the next init
-- completes an interrupted one.
--
-- Limits: every text column that an index or a message header holds has a limit in bytes. An index row holds at most
-- 2,704 bytes, and a broker limits the length of topics and routing keys, so a longer text is refused by the insert.
-- The names of these constraints are the same in every outbox, because PostgreSQL prints them in its error message.
-- Columns of the dead letters have no limit: a dead letter must be able to hold every event that the outbox can hold.

create sequence if not exists ${sequence} cache 1;

-- One row is one event. The default of seq is a CASE because only CASE guarantees an order of evaluation: the
-- transaction id is assigned before the sequence number, and the fences of the reader rely on that order.
create table if not exists ${outbox} (
  xid            xid8        not null default pg_current_xact_id(),
  seq            bigint      primary key
                 default case when pg_current_xact_id() is not null then nextval(${sequence_literal}) end,
  id             uuid        not null default gen_random_uuid(),
  aggregate_type text        not null
                 constraint outbox_aggregate_type_at_most_255_bytes check (octet_length(aggregate_type) <= 255),
  aggregate_id   text        not null
                 constraint outbox_aggregate_id_not_empty check (aggregate_id <> '')
                 constraint outbox_aggregate_id_at_most_1024_bytes check (octet_length(aggregate_id) <= 1024),
  event_type     text        not null
                 constraint outbox_event_type_at_most_255_bytes check (octet_length(event_type) <= 255),
  payload        ${payload_type},
  headers        jsonb,
  created_at     timestamptz not null default now()
);

-- One row per shard: how far its events are confirmed, and the relay that owns it.
--   settled            every transaction that this snapshot sees is confirmed
--   top                the highest sequence number confirmed
--   floor              no new event can appear at or below this sequence number
--   fence              every transaction with this id or a higher one got its id after the snapshot was taken
--   open_window, position   the snapshot of the window that is being read, and the sequence number up to which the
--                      window is confirmed
--   partial_*          a transaction of which the log has delivered the first rows: its id, the number of these rows,
--                      the highest sequence number among them, and the values that they added to the account
--   log_*              a replication slot that outlives the relay: its name, the publication with which it is read, and
--                      the position up to which every transaction in the log is confirmed
--   epoch              counts the terms; a write with an older epoch, by a former owner, changes nothing
--   hash               the hash of a fixed text at the time when the aggregates were divided among the shards; if the
--                      server now computes another value, such as after an upgrade, aggregates would change shards
--   config_fingerprint hash of the settings of the owner that decide where events are published
--   system_identifier, database_oid   the cluster and the database that the transaction ids belong to
--   compared           in the row of shard 0: account and outbox were compared in all ranges below this one
create table if not exists ${checkpoint} (
  shard              int         primary key,
  settled            pg_snapshot not null,
  top                bigint      not null,
  floor              bigint      not null,
  fence              xid8        not null,
  open_window        pg_snapshot,
  position           bigint,
  partial_xid        xid8,
  partial_rows       bigint,
  partial_last       bigint,
  partial_ranges     bigint[]    not null default '{}',
  partial_events     bigint[]    not null default '{}',
  partial_digests    bigint[]    not null default '{}',
  log_slot           text,
  log_publication    text,
  log_position       bigint,
  epoch              bigint      not null,
  owner              text,
  updated_at         timestamptz not null default now(),
  shards             int         not null default 1,
  hash               bigint      not null default ${hash_probe},
  config_fingerprint text,
  system_identifier  bigint,
  database_oid       bigint,
  compared           bigint      not null default 0
) with (fillfactor = 50);
-- Statements of an owner lock the key (shard, epoch). A successor's claim changes the epoch, so it waits for them.
create unique index if not exists ${checkpoint_epoch_index} on ${checkpoint} (shard, epoch);
insert into ${checkpoint} (shard, settled, top, floor, fence, epoch)
  values (0, '1:1:', 0, 0, '0', 0) on conflict do nothing;

-- For each range of 4,096 sequence numbers: the events that were delivered, minus those that the clean-up has deleted.
-- The sum over all shards is the number of confirmed events that the outbox must hold. The statement that moves a
-- checkpoint also updates the account.
--   digest  the sum of a hash of each event's id and sequence number
create table if not exists ${account} (
  range  bigint not null,
  shard  int    not null,
  events bigint not null,
  digest bigint not null,
  primary key (range, shard)
) with (fillfactor = 50);

-- Ranges in which the confirmed events of the outbox differ from the account. The clean-up deletes nothing from them.
--   delivered  the number of events that the account counts
--   standing   the number of confirmed events in the outbox
--   digest     the sum of the hashes of the confirmed events in the outbox, minus the sum in the account
create table if not exists ${difference} (
  range     bigint      primary key,
  delivered bigint      not null,
  standing  bigint      not null,
  digest    bigint      not null,
  found_at  timestamptz not null default now()
);

-- Rejected events, and the events that wait behind them.
--   redelivery   requested: an operator or the relay has requested that it is published again; in_progress: it is being
--                published again; discarded: an operator has discarded it, and the events blocked behind it are not yet
--                released; done: it is finished, and the row will be deleted
-- Aggregate ids are compared by their bytes, because an update of the operating system can change the order of a
-- language, which silently corrupts an index in that order.
create table if not exists ${dead_letter} (
  seq            bigint      primary key,
  id             uuid,
  aggregate_type text,
  aggregate_id   text        collate "C",
  event_type     text,
  payload        ${payload_type},
  headers        jsonb,
  created_at     timestamptz,
  state          text        not null check (state in ('parked', 'skipped')),
  reason         text        not null,
  dead_lettered_at timestamptz not null default now(),
  destination    text,
  attempts       int         not null default 0,
  tried_at       timestamptz,
  redelivery     text        check (redelivery in ('requested', 'in_progress', 'discarded', 'done'))
);
create index if not exists ${dead_letter_aggregate_index} on ${dead_letter} (aggregate_id, seq);
-- The following indexes hold few rows: dead letters that are to be published again, and rejected events.
create index if not exists ${dead_letter_redelivery_index} on ${dead_letter} (aggregate_id, seq)
  where redelivery is not null;
create index if not exists ${dead_letter_requested_index} on ${dead_letter} ((coalesce(destination, '') collate "C"), seq)
  where redelivery in ('requested', 'in_progress');
create index if not exists ${dead_letter_discarded_index} on ${dead_letter} (seq) where redelivery = 'discarded';
create index if not exists ${dead_letter_done_index} on ${dead_letter} (seq) where redelivery = 'done';
create index if not exists ${dead_letter_rejected_index} on ${dead_letter} (tried_at)
  where redelivery is null and attempts > 0;

-- One row per shard: how often relay processes crashed without progress, and which event was in flight.
--   process_id        the process of the relay that owns the shard; null after a clean stop
--   progress          the checkpoint at which that process began
--   crashes           the number of consecutive crashes without progress
--   suspect_seq, suspect_crashes   the only event in flight at the latest crashes, and the number of these crashes
--   counted_process, counted_suspect   the process whose end was counted last, and if an event was in flight then. If
--                     that process still runs, it has only lost its connection, and takes the count back.
create table if not exists ${crash_guard} (
  shard           int    primary key,
  process_id      text,
  progress        text   not null,
  crashes         int    not null default 0,
  in_flight       bigint,
  suspect_seq     bigint,
  suspect_crashes int    not null default 0,
  counted_process text,
  counted_suspect boolean not null default false
) with (fillfactor = 50);

-- One row per shard: the problems that keep its leader from publishing, for commands and other relays.
--   relay         the relay that reports them
--   broker        the reason why nothing can be published, and since when; null if there is none
--   event         the event that has failed for longest, and since when
--   destinations  destinations whose events are set aside, with the reasons
--   source        'log' or 'table': where the leader reads events, and since when; source_reason is the kind of
--                 reason why it reads the table, and source_message is a sentence; both are empty if there is none
--   reported_at   the time of the report; the leader repeats it at least every 30 seconds, and readers ignore it
--                 after 90 seconds
create table if not exists ${leader_report} (
  shard          int         primary key,
  relay          text        not null,
  broker         text,
  broker_since   timestamptz,
  event          text,
  event_since    timestamptz,
  destinations   jsonb       not null default '{}',
  source         text        not null,
  source_since   timestamptz not null,
  source_reason  text        not null,
  source_message text        not null,
  reported_at    timestamptz not null
) with (fillfactor = 50);

-- The pauses that operators have set: for a destination, a pattern of destinations, or everything.
create table if not exists ${pause} (
  destination text        collate "C" primary key
              constraint outbox_pause_destination_at_most_1024_bytes check (octet_length(destination) <= 1024),
  reason      text,
  paused_by   text        not null,
  paused_at   timestamptz not null default now()
);

-- The actions of operators.
create table if not exists ${audit} (
  id      bigint      generated always as identity primary key,
  at      timestamptz not null default clock_timestamp(),
  actor   text        not null,
  channel text        not null check (channel in ('api', 'command')),
  action  text        not null,
  target  text        not null,
  outcome text        not null
);

-- Events that an operator discarded. A row remains after the dead letter is deleted. The clean-up deletes it after the
-- event itself, once it is older than the retention.
create table if not exists ${discarded} (
  seq            bigint      primary key,
  id             uuid,
  aggregate_type text,
  aggregate_id   text        collate "C",
  event_type     text,
  created_at     timestamptz,
  reason         text        not null,
  discarded_by   text        not null,
  discarded_at   timestamptz not null default now()
);

-- Replays of old events, and the position of each. An event that the snapshot "seen" does not see, or with a sequence
-- number above "top", does not belong to the replay.
create table if not exists ${replays} (
  id           bigint      generated always as identity primary key,
  state        text        not null default 'requested'
               check (state in ('requested', 'running', 'done', 'cancelled', 'failed')),
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
  requested_by text        not null,
  requested_at timestamptz not null default now(),
  started_at   timestamptz,
  ended_at     timestamptz
) with (fillfactor = 50);

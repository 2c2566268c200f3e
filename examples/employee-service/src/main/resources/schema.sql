-- The application's own table; the outbox beside it is made by the relay's command init.
create table if not exists employee (
  id         uuid primary key default gen_random_uuid(),
  version    int  not null default 1,
  name       text not null,
  department text not null
);

-- The consumer's read model. It could be in another database, together with the inbox.
create table if not exists directory (
  id         uuid primary key,
  version    int     not null,
  name       text    not null,
  department text    not null,
  gone       boolean not null
);

-- Every event that the consumer has handled, in that order. The table has no constraint against a
-- repeated or overtaken event, so it shows if the relay and the inbox prevent them.
create table if not exists directory_history (
  n       bigint generated always as identity primary key,
  id      uuid not null,
  version int  not null
);
create index if not exists directory_history_of on directory_history (id, n);

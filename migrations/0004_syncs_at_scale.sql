-- A listing that shifts while it is read is gone over again: each pass is judged by itself, what any of them met counts as seen.
alter table sync_runs
    add column pass smallint not null default 1,
    -- Of the present pass: pages read, items on them, different keys met.
    add column pass_pages integer not null default 0,
    add column pass_items bigint not null default 0,
    add column pass_seen bigint not null default 0,
    -- The listing is known to have shifted during the present pass.
    add column shifted boolean not null default false,
    -- What the last complete runs let expect, as it was when this one was asked for.
    add column expected_pages integer,
    add column expected_seconds double precision,
    -- The person who asked for it, by e-mail; null: a service or the schedule.
    add column requested_by text,
    -- Rows that the run did not meet, of so many live ones; null until they were counted.
    add column missing bigint,
    add column live bigint,
    -- Who wants the brake of this run lifted: [{person, reason, at}].
    add column lifts jsonb not null default '[]',
    -- The run that may remove what this one named.
    add column lifted_into uuid;
update sync_runs set pass_pages = pages, pass_items = seen, pass_seen = seen;
create unique index sync_runs_lifted on sync_runs (lifted_into) where lifted_into is not null;
create index sync_runs_by_time on sync_runs (connection_id, requested_at desc, id desc);

alter table sync_seen add column pass smallint not null default 1;

-- The page that was read last and is not written yet: the next one is asked for meanwhile.
create table sync_pages (
    run_id uuid primary key references sync_runs on delete cascade,
    asked_at timestamptz not null,
    -- JSON: jsonb could not keep all that a vendor may say.
    records bytea not null
);

-- What a run did not meet, as it was then. A braked run keeps its list until a newer run ends.
create table sync_missed (
    run_id uuid not null references sync_runs on delete cascade,
    row_id uuid not null,
    version bigint not null,
    written_at timestamptz,
    -- Complete runs in a row that missed it before this one.
    missed_runs smallint not null,
    -- Null until it was looked at.
    verdict text check (verdict in ('gone', 'there', 'perhaps')),
    primary key (run_id, row_id)
);

create index accounts_missed on accounts (connection_id) where missed_runs > 0;

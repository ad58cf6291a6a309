-- A run goes over everything that its connection can list, part by part; this is what became of each.
create table sync_parts (
    run_id uuid not null references sync_runs on delete cascade,
    noun text not null,
    seq smallint not null,
    status text not null check (status in ('complete', 'incomplete', 'failed')),
    pages integer not null,
    passes smallint not null,
    seen bigint not null,
    created bigint not null,
    changed bigint not null,
    removed bigint not null,
    -- Rows that it did not meet, of so many live ones; null where they were not counted.
    missing bigint,
    live bigint,
    -- The vendor's own count, where it has one.
    total bigint,
    defects jsonb not null,
    error jsonb,
    finished_at timestamptz not null default clock_timestamp(),
    primary key (run_id, noun)
);

-- The runs of before had one part.
insert into sync_parts (run_id, noun, seq, status, pages, passes, seen, created, changed, removed, missing, live, total,
        defects, error, finished_at)
    select id, noun, 1, status, pages, pass, seen, created, changed, removed, missing, live, total, defects, error,
        coalesce(finished_at, clock_timestamp())
    from sync_runs where status in ('complete', 'incomplete', 'failed');

alter table sync_runs
    -- When the part at hand began; null before the first.
    add column part_started_at timestamptz,
    -- From when on the part at hand asks for what happened, where it does.
    add column since timestamptz,
    -- Items of the present pass that name others of which there is no row.
    add column unresolved bigint not null default 0;
update sync_runs set part_started_at = started_at where status = 'running';

alter table sync_missed add column noun text not null default 'accounts';
create index sync_missed_by_noun on sync_missed (run_id, noun, row_id);

-- Rows that wait for the one that they name.
create index resources_waiting on resources (connection_id, parent_key) where parent_id is null and parent_key is not null;
create index entitlements_waiting on entitlements (connection_id, resource_key)
    where resource_id is null and resource_key is not null;
create index accounts_waiting on accounts (connection_id, resource_key)
    where resource_id is null and resource_key is not null;

create index resources_by_external_id on resources (external_id, id);
create index entitlements_by_external_id on entitlements (external_id, id);
create index grants_by_pair on grants (account_id, entitlement_id);

create index activity_by_action on activity (action, happened_at desc, id desc);
create index activity_by_vendor on activity (vendor, happened_at desc, id desc);

-- What is gone holds nothing and is held by nobody. In the database and not in the code that marks things as gone: none of
-- it can forget. A grant whose operation is under way is left to that; one that goes with a write is as young as the write.
create function grants_follow_the_gone() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'accounts' then
        update grants set status = 'deleted', source = new.source, version = version + 1, missed_runs = 0,
            changed_at = clock_timestamp(), written_at = greatest(written_at, new.written_at)
        where account_id = new.id and status <> 'deleted' and not (status in ('granting', 'revoking') and source = 'write');
    else
        update grants set status = 'deleted', source = new.source, version = version + 1, missed_runs = 0,
            changed_at = clock_timestamp(), written_at = greatest(written_at, new.written_at)
        where entitlement_id = new.id and status <> 'deleted' and not (status in ('granting', 'revoking') and source = 'write');
    end if;
    return null;
end $$;
create trigger accounts_take_their_grants after update of status on accounts
    for each row when (new.status = 'deleted' and old.status <> 'deleted') execute function grants_follow_the_gone();
create trigger entitlements_take_their_grants after update of status on entitlements
    for each row when (new.status = 'deleted' and old.status <> 'deleted') execute function grants_follow_the_gone();

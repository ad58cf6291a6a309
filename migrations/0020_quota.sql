-- Leave that replicas took for calls of a connection whose vendor allows only so many: who took a block must make its calls
-- within two seconds, or lose them.
create table quota_blocks (
    connection_id uuid not null references connections on delete cascade,
    taken_at timestamptz not null,
    urgency text not null,
    calls integer not null,
    -- What the replica's callers of this urgency waited since it last took a block, in all and at most.
    waited_calls integer not null,
    waited_ms bigint not null,
    longest_wait_ms bigint not null
);
create index quota_blocks_by_time on quota_blocks (connection_id, taken_at);

-- How many calls of one urgency could be made when those of all urgencies number `used`: all that is allowed, less what was
-- used, less what the others still have of the part that each is guaranteed.
create function quota_room(allowed integer, guaranteed integer, used integer[], rank integer)
returns integer language sql immutable as $$
    select allowed - sum(case when ordinality = rank then calls else greatest(calls, guaranteed) end)::integer
        from unnest(used) with ordinality as by_rank(calls, ordinality)
$$;

-- Takes up to `wanted` calls, so that in no `span` there are more than `allowed` of all urgencies, each with its guaranteed
-- part, and in no `pace_span` more than `pace_cap` of this one (null: any number). Where there is none, it says how many
-- milliseconds later there will be one if nobody else takes it.
create function take_quota(
    connection uuid, of_urgency text, wanted integer, allowed integer, guaranteed integer, span interval,
    pace_cap integer, pace_span interval, waits integer, wait_ms bigint, longest_ms bigint, keep interval
) returns table (granted integer, retry_ms bigint) language plpgsql volatile as $$
declare
    urgencies constant text[] := array['syncs', 'ordinary', 'removals'];
    rank constant integer := array_position(urgencies, of_urgency);
    at timestamptz;
    used integer[] := array[0, 0, 0];
    paced integer := 0;
    free_at timestamptz;
    pace_at timestamptz;
    block record;
begin
    -- One replica at a time per connection; the lock ends with the statement's transaction.
    perform pg_advisory_xact_lock(hashtextextended('quota ' || connection::text, 0));
    at := clock_timestamp();
    delete from quota_blocks where connection_id = connection and taken_at < at - keep;
    for block in
        select array_position(urgencies, urgency) as place, calls, taken_at from quota_blocks
        where connection_id = connection and taken_at > at - span
    loop
        used[block.place] := used[block.place] + block.calls;
        if block.place = rank and block.taken_at > at - pace_span then
            paced := paced + block.calls;
        end if;
    end loop;
    granted := greatest(0, least(
        wanted, quota_room(allowed, guaranteed, used, rank), coalesce(pace_cap - paced, wanted)));
    if granted > 0 or waits > 0 then
        insert into quota_blocks values (connection, at, of_urgency, granted, waits, wait_ms, longest_ms);
    end if;
    retry_ms := 0;
    if granted = 0 then
        free_at := at;
        pace_at := at;
        for block in
            select array_position(urgencies, urgency) as place, calls, taken_at from quota_blocks
            where connection_id = connection and taken_at > at - span and calls > 0 order by taken_at
        loop
            if quota_room(allowed, guaranteed, used, rank) < 1 then
                used[block.place] := used[block.place] - block.calls;
                free_at := block.taken_at + span;
            end if;
            if paced >= pace_cap and block.place = rank and block.taken_at > at - pace_span then
                paced := paced - block.calls;
                pace_at := block.taken_at + pace_span;
            end if;
        end loop;
        retry_ms := greatest(1, ceil(extract(epoch from greatest(free_at, pace_at) - at) * 1000));
    end if;
    return next;
end $$;
